#pragma once

#include "countersign/aplus.hpp"
#include "openssl/crypto.hpp"
#include "unit/octets.hpp"
#include "unit/protocol/two_sides.hpp"
#include "unit/refusal_text.hpp"
#include "unit/scripted_random.hpp"

namespace countersign::test {

inline constexpr std::string_view kDeviceName = "mote-3";
inline constexpr std::string_view kServerName = "broker.plant-1";

/// Both sides of one A+ handshake, with every message in its own buffer.
struct HandshakeScene {
  explicit HandshakeScene(Suite with, const Crypto& backend) : suite{with}, crypto{backend} {}

  Refusal make_first() {
    HandshakeKey key{.epoch = 7, .r1 = {}, .hk = {}};
    key.r1.fill(std::byte{0x31});
    if (!derive_handshake_key(crypto, k, kDeviceName, kServerName, key)) {
      return Refusal::internal;
    }
    return keep(device.start(crypto, random, key, kDeviceName, kServerName, suite), m1);
  }

  Refusal take_first(ByteView message) {
    const auto parsed = parse_first(message);
    return parsed ? server.open(crypto, k, *parsed) : parsed.why();
  }

  Refusal make_second() { return keep(server.answer(crypto, random, auth_code, 300), m2); }
  Refusal take_second(ByteView message) { return keep(device.answer(crypto, random, message), m3); }
  Refusal take_third(ByteView message) { return server.accept(crypto, message); }
  Refusal make_finished() { return keep(server.finish(crypto, receipt), finished); }
  Refusal take_finished(ByteView message) {
    return test::take_finished(crypto, device, message, received);
  }

  /// The whole handshake; stops at the first refusal.
  Refusal run() {
    Refusal why = make_first();
    const auto then = [&why](auto step) { why = why == Refusal::none ? step() : why; };
    then([this] { return take_first(m1); });
    then([this] { return make_second(); });
    then([this] { return take_second(m2); });
    then([this] { return take_third(m3); });
    then([this] { return make_finished(); });
    then([this] { return take_finished(finished); });
    return why;
  }

  [[nodiscard]] bool agree() const { return agreed(device, server); }

  Suite suite;
  const Crypto& crypto;
  SeededRandom random;
  Key32 k{Bytes<32>{std::byte{0x42}}};
  AuthCode auth_code{std::byte{0xAC}};
  Receipt receipt{.kid = 4, .accepted = {.edge = 95, .bitmap = 0xff9fffffffffffef}};
  AplusInitiator device;
  AplusResponder server;
  Octets m1, m2, m3, finished;
  Receipt received;
};

}  // namespace countersign::test
