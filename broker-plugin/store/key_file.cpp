#include "store/key_file.hpp"

#include "openssl/crypto.hpp"
#include "store/file.hpp"

namespace countersign::store {

Status make_key_file(const std::string& path) {
  openssl::OpenSslRandom random;
  Key32 key;
  if (!random.fill(key.fill())) {
    return Failure{"no random numbers from the system", {}};
  }
  return write_private_file(path, key.bytes());
}

Outcome<WrapKey> load_key_file(const std::string& path) {
  constexpr std::size_t kKeyBytes = 32;
  auto bytes = read_private_file(path, kKeyBytes);
  if (!bytes) {
    Failure why = bytes.why();
    if (why.hint.empty()) {
      why.hint = exists(path) ? "the broker's user must be able to read the key file"
                              : "countersign setup makes it; without it no key can be read";
    }
    return why;
  }
  if (bytes->size() != kKeyBytes) {
    wipe(*bytes);
    return Failure{path + " is no key file: it does not hold 32 bytes",
                   "restore it from your backup"};
  }
  const Key32 key{std::span<const std::byte, kKeyBytes>{*bytes}};
  wipe(*bytes);
  return WrapKey{key};
}

}  // namespace countersign::store
