#pragma once

#include <string>

#include "countersign/client/key_source.hpp"
#include "unit/octets.hpp"

namespace countersign::client::test {

inline constexpr std::string_view kPassword = "correct horse";

/// One registration, as the device and as T know it.
struct Registered {
  Registered() { std::fill(k_reg.fill().begin(), k_reg.fill().end(), std::byte{0x42}); }

  [[nodiscard]] RegistrationKey device() const {
    RegistrationKey key;
    key.set_k_reg(LockedKey{k_reg.bytes()});
    static_cast<void>(key.set_password(bytes_of(password)));
    for (const RegistrationField& field : fields) {
      static_cast<void>(key.add_field(field.name, field.value));
    }
    return key;
  }

  Key32 k_reg;
  std::string password{kPassword};
  std::vector<RegistrationField> fields{{"serial", bytes_of("SN-0042-17")},
                                        {"uuid", bytes_of("5e0c1f9a-77")}};
};

/// The same as whoever logs in with it has it.
class RegisteredSource final : public KeySource {
 public:
  const Identity& identity() const override { return identity_; }
  Method method() const override { return Method::mfar; }
  Outcome<HandshakeKey> next_handshake_key(std::string_view) override {
    return Error{Fault::usage, "not of method a+"};
  }
  Outcome<RegistrationKey> registration() override {
    ++asked;
    return missing ? Outcome<RegistrationKey>{Error{Fault::file, "the key file is gone"}}
                   : registered.device();
  }

  Registered registered;
  bool missing = false;
  int asked = 0;

 private:
  Identity identity_{"mote-3"};
};

}  // namespace countersign::client::test
