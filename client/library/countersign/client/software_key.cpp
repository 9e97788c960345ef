#include "countersign/client/software_key.hpp"

#include <utility>

#include "openssl/crypto.hpp"

namespace countersign::client {

SoftwareKey::SoftwareKey(std::string path, const KeyFile& key)
    : path_{std::move(path)},
      identity_{key.identity},
      kind_{key.kind},
      server_id_{key.server_id},
      suite_{key.suite} {}

Outcome<std::unique_ptr<SoftwareKey>> SoftwareKey::open(std::string path) {
  const auto key = read_key_file(path);
  if (!key) {
    return key.why();
  }
  return std::unique_ptr<SoftwareKey>{new SoftwareKey{std::move(path), *key}};
}

Outcome<HandshakeKey> SoftwareKey::next_handshake_key(std::string_view server_id) {
  const openssl::OpenSslCrypto crypto;
  openssl::OpenSslRandom random;
  HandshakeKey key;
  if (!random.fill(key.r1)) {
    return Error{Fault::file, "the system gives no random bytes"};
  }
  const auto file = raise_epoch(path_);
  if (!file) {
    return file.why();
  }
  if (!(file->identity == identity_)) {
    return Error{Fault::file,
                 path_ + " has become the key of " + std::string{file->identity.text()}};
  }
  key.epoch = file->epoch;
  if (!derive_handshake_key(crypto, file->key.key(), identity_.text(), server_id, key)) {
    return Error{Fault::file, "OpenSSL fails"};
  }
  return key;
}

}  // namespace countersign::client
