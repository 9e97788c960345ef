// The low-level SHA-256 is deprecated since OpenSSL 3.0, yet it alone lets its state out and in
// again. A context that hides it takes 928 bytes in a dozen places of memory, and a broker that
// serves thousands of sessions in turn waits for each of them (docs/decisions/0038).
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <cstring>

#include "openssl/crypto.hpp"

namespace countersign::openssl {
namespace {

/// SHA-256 on its way, wiped when it ends: it is what the key was.
class Sha256 {
 public:
  Sha256() = default;
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  ~Sha256() { OPENSSL_cleanse(&context_, sizeof context_); }

  [[nodiscard]] bool begin() { return SHA256_Init(&context_) == 1; }

  /// Goes on after one whole block, from what `save` gave then.
  [[nodiscard]] bool resume(const Key32& state) {
    if (!begin()) {
      return false;
    }
    std::memcpy(context_.h, state.bytes().data(), sizeof context_.h);
    context_.Nl = SHA256_CBLOCK * 8;  // bits
    return true;
  }

  [[nodiscard]] bool update(ByteView part) {
    return SHA256_Update(&context_, part.data(), part.size()) == 1;
  }

  /// What it has come to; only good after whole blocks.
  void save(Key32& state) const { std::memcpy(state.fill().data(), context_.h, sizeof context_.h); }

  [[nodiscard]] bool finish(Digest& out) {
    return SHA256_Final(reinterpret_cast<unsigned char*>(out.data()), &context_) == 1;
  }

 private:
  SHA256_CTX context_;
};
static_assert(sizeof SHA256_CTX{}.h == kDigestBytes);

/// The state after the block `key` XOR `pad` (RFC 2104, section 4).
bool state_after(const Key32& key, std::byte pad, Key32& state) {
  SecretKey<SHA256_CBLOCK> block;
  copy(key.bytes(), block.fill());
  for (std::byte& byte : block.fill()) {
    byte ^= pad;
  }
  Sha256 hash;
  if (!hash.begin() || !hash.update(block.bytes())) {
    return false;
  }
  hash.save(state);
  return true;
}

}  // namespace

OpenSslMacKey::OpenSslMacKey(const Key32& key)
    : keyed_{state_after(key, std::byte{0x36}, inner_) &&
             state_after(key, std::byte{0x5C}, outer_)} {}

bool OpenSslMacKey::sign(Parts parts, Digest& out) const {
  Sha256 hash;
  if (!keyed_ || !hash.resume(inner_)) {
    return false;
  }
  for (const ByteView part : parts) {
    if (!hash.update(part)) {
      return false;
    }
  }
  return hash.finish(out) && hash.resume(outer_) && hash.update(out) && hash.finish(out);
}

}  // namespace countersign::openssl
