#include "countersign/client/software_key.hpp"

#include <utility>

#include "openssl/crypto.hpp"

namespace countersign::client {

SoftwareKey::SoftwareKey(std::string path, const KeyFile& key)
    : path_{std::move(path)},
      identity_{key.identity},
      kind_{key.kind},
      server_id_{key.server_id},
      suite_{key.suite},
      method_{key.method} {}

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
  if (const Status same = check_same(*file); !same) {
    return same.why();
  }
  key.epoch = file->epoch;
  if (!derive_handshake_key(crypto, file->key.key(), identity_.text(), server_id, key)) {
    return Error{Fault::file, "OpenSSL fails"};
  }
  return key;
}

Outcome<RegistrationKey> SoftwareKey::registration() {
  if (method_ != Method::mfar) {
    return KeySource::registration();
  }
  auto file = read_key_file(path_);
  if (!file) {
    return file.why();
  }
  if (const Status same = check_same(*file); !same) {
    return same.why();
  }
  return std::move(file->registration);
}

Status SoftwareKey::check_same(const KeyFile& key) const {
  if (!(key.identity == identity_)) {
    return Error{Fault::file, path_ + " has become the key of " + std::string{key.identity.text()}};
  }
  if (key.method != method_) {
    return Error{Fault::file,
                 path_ + " has become a key of method " + std::string{name_of(key.method)}};
  }
  return Done{};
}

}  // namespace countersign::client
