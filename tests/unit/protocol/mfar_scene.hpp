#pragma once

#include <array>

#include "countersign/mfar.hpp"
#include "openssl/crypto.hpp"
#include "unit/octets.hpp"
#include "unit/protocol/two_sides.hpp"
#include "unit/refusal_text.hpp"
#include "unit/scripted_random.hpp"

namespace countersign::test {

/// Both sides of one second step of MFA_R, with every message in its own buffer.
struct MfarScene {
  explicit MfarScene(Suite with, const Crypto& backend) : suite{with}, crypto{backend} {}

  Refusal make_question() {
    return keep(server.ask(crypto, random, suite, auth_code, 300, query), q);
  }
  Refusal take_question(ByteView message) {
    return keep(device.answer(crypto, random, k_reg, fields, suite, message), a);
  }
  Refusal take_answer(ByteView message) { return server.accept(crypto, k_reg, fields, message); }
  Refusal make_finished() { return keep(server.finish(crypto, receipt), finished); }
  Refusal take_finished(ByteView message) {
    return test::take_finished(crypto, device, message, received);
  }

  /// The whole step; stops at the first refusal.
  Refusal run() {
    Refusal why = make_question();
    const auto then = [&why](auto step) { why = why == Refusal::none ? step() : why; };
    then([this] { return take_question(q); });
    then([this] { return take_answer(a); });
    then([this] { return make_finished(); });
    then([this] { return take_finished(finished); });
    return why;
  }

  [[nodiscard]] bool agree() const { return agreed(device, server); }

  Suite suite;
  const Crypto& crypto;
  SeededRandom random;
  Key32 k_reg{Bytes<32>{std::byte{0x42}}};
  AuthCode auth_code{std::byte{0xAC}};
  Receipt receipt{.kid = 4, .accepted = {.edge = 95, .bitmap = 0xff9fffffffffffef}};
  std::string_view query = "serial;slice(2,9);mask(0f);flip";
  std::array<RegistrationField, 2> fields{
      RegistrationField{"uuid", bytes_of("0123456789abcdef")},
      RegistrationField{"serial", bytes_of("SN-0042-beef")},
  };
  MfarResponder server;
  MfarInitiator device;
  Octets q, a, finished;
  Receipt received;
};

}  // namespace countersign::test
