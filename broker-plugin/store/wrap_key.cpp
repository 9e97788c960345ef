#include <openssl/evp.h>

#include <array>
#include <limits>

#include "openssl/crypto.hpp"
#include "store/key_file.hpp"

namespace countersign::store {
namespace {

unsigned char* out_of(MutableBytes bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

const unsigned char* in_of(ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

bool fits_int(std::size_t size) { return size <= std::numeric_limits<int>::max(); }

/// `out` null: additional data.
bool feed(EVP_CIPHER_CTX* context, ByteView in, unsigned char* out) {
  int written = 0;
  return in.empty() || (fits_int(in.size()) && EVP_CipherUpdate(context, out, &written, in_of(in),
                                                                static_cast<int>(in.size())) == 1);
}

/// What a secret is bound to: table || 0x00 || name.
bool feed_place(EVP_CIPHER_CTX* context, std::string_view table, std::string_view name) {
  constexpr std::array<std::byte, 1> kBetween{};
  return feed(context, bytes_of(table), nullptr) && feed(context, kBetween, nullptr) &&
         feed(context, bytes_of(name), nullptr);
}

bool finish(EVP_CIPHER_CTX* context) {
  int written = 0;
  std::array<unsigned char, kWrapTagBytes> none{};
  return EVP_CipherFinal_ex(context, none.data(), &written) == 1 && written == 0;
}

}  // namespace

/// Both contexts, keyed once: keying anew costs more than a record's decryption.
struct WrapKey::Cipher {
  explicit Cipher(const Key32& key) : seal{EVP_CIPHER_CTX_new()}, open{EVP_CIPHER_CTX_new()} {
    ok = seal && open &&
         EVP_CipherInit_ex2(seal.get(), EVP_aes_256_gcm(), in_of(key.bytes()), nullptr, 1,
                            nullptr) == 1 &&
         EVP_CipherInit_ex2(open.get(), EVP_aes_256_gcm(), in_of(key.bytes()), nullptr, 0,
                            nullptr) == 1;
  }

  openssl::Owned<evp_cipher_ctx_st> seal;
  openssl::Owned<evp_cipher_ctx_st> open;
  bool ok = false;
};

WrapKey::WrapKey(const Key32& key) : key_{key}, cipher_{std::make_unique<Cipher>(key)} {}
WrapKey::WrapKey(WrapKey&&) noexcept = default;
WrapKey& WrapKey::operator=(WrapKey&&) noexcept = default;
WrapKey::~WrapKey() = default;

WrapKey WrapKey::copy() const { return WrapKey{key_}; }

bool WrapKey::wrap(std::string_view table, std::string_view name, ByteView secret,
                   MutableBytes out) const {
  openssl::OpenSslRandom random;
  if (!cipher_ || !cipher_->ok || out.size() != secret.size() + kWrapOverheadBytes ||
      !random.fill(out.first(kWrapNonceBytes))) {
    return false;
  }
  EVP_CIPHER_CTX* const context = cipher_->seal.get();
  const MutableBytes body = out.subspan(kWrapNonceBytes, secret.size());
  const MutableBytes tag = out.last(kWrapTagBytes);
  return EVP_CipherInit_ex2(context, nullptr, nullptr, in_of(out), 1, nullptr) == 1 &&
         feed_place(context, table, name) && feed(context, secret, out_of(body)) &&
         finish(context) &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag.size()),
                             out_of(tag)) == 1;
}

bool WrapKey::unwrap(std::string_view table, std::string_view name, ByteView wrapped,
                     MutableBytes secret) const {
  if (!cipher_ || !cipher_->ok || wrapped.size() < kWrapOverheadBytes ||
      secret.size() != wrapped.size() - kWrapOverheadBytes) {
    wipe(secret);
    return false;
  }
  EVP_CIPHER_CTX* const context = cipher_->open.get();
  const ByteView body = wrapped.subspan(kWrapNonceBytes, secret.size());
  std::array<unsigned char, kWrapTagBytes> tag{};
  countersign::copy(wrapped.last(kWrapTagBytes), std::as_writable_bytes(std::span{tag}));
  const bool opened =
      EVP_CipherInit_ex2(context, nullptr, nullptr, in_of(wrapped), 0, nullptr) == 1 &&
      feed_place(context, table, name) && feed(context, body, out_of(secret)) &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag.size()),
                          tag.data()) == 1 &&
      finish(context);
  if (!opened) {
    wipe(secret);
  }
  return opened;
}

}  // namespace countersign::store
