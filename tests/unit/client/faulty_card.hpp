#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "countersign/client/card/transport.hpp"
#include "unit/octets.hpp"

namespace countersign::client::test {

using countersign::test::from_hex;
using countersign::test::Octets;
using countersign::test::octets;
using countersign::test::operator+;

/// What a reader with a card in it does, and the faults a test puts there. Knows of the card just
/// what the host must handle: UID, PIN tries, one epoch.
struct ReaderScript {
  std::string uid = "0102030405060708";
  std::string pin = "1234";
  std::uint8_t tries = 3;
  std::uint8_t puk_tries = 5;
  std::uint32_t epoch = 4;
  std::string life_cycle = "05";
  std::string version = "0100";
  std::uint32_t admin_counter = 4;
  std::string issuer_status;    ///< instead of what the card says to its issuer
  bool refuses_holder = false;  ///< VERIFY is 6985, as in every state but active

  std::deque<CardError> on_connect;
  std::deque<CardError> on_begin;
  int reset_at_instruction = -1;  ///< this INS is answered with a reset, once
  int cut_at_instruction = -1;    ///< this INS is answered by "success" with nothing, once
  bool answers_in_parts = false;  ///< as T=0 does: 61xx and GET RESPONSE
  bool run_before_reset = false;  ///< the card did it, and only the answer was lost

  std::vector<std::string> log;
  int open_transactions = 0;
  bool verified = false;
  Octets rest;
};

class FaultyTransport final : public CardTransport {
 public:
  explicit FaultyTransport(ReaderScript& script) : script_{script} {}

  CardError list(std::vector<ReaderState>& out) override {
    out = {{"reader", true}};
    return CardError::none;
  }
  CardError connect(const std::string&) override {
    script_.log.emplace_back("connect");
    return next(script_.on_connect);
  }
  CardError reconnect() override {
    script_.log.emplace_back("reconnect");
    script_.verified = false;
    return CardError::none;
  }
  CardError begin() override {
    const CardError failed = next(script_.on_begin);
    script_.open_transactions += failed == CardError::none ? 1 : 0;
    return failed;
  }
  void end() override { --script_.open_transactions; }
  void disconnect(bool reset) override {
    script_.log.emplace_back(reset ? "disconnect with reset" : "disconnect");
  }

  CardError transmit(ByteView command, std::vector<std::byte>& answer) override {
    const int ins = std::to_integer<int>(command[1]);
    script_.log.push_back(countersign::test::hex(command.subspan(1, 1)));
    if (ins == script_.reset_at_instruction) {
      script_.reset_at_instruction = -1;
      if (script_.run_before_reset) {
        static_cast<void>(run(ins, command));
      }
      script_.verified = false;
      return CardError::reset;
    }
    if (ins == script_.cut_at_instruction) {
      script_.cut_at_instruction = -1;
      answer.clear();
      return CardError::none;
    }
    answer = in_parts(ins, run(ins, command));
    return CardError::none;
  }

 private:
  static CardError next(std::deque<CardError>& script) {
    if (script.empty()) {
      return CardError::none;
    }
    const CardError failed = script.front();
    script.pop_front();
    return failed;
  }

  Octets in_parts(int ins, Octets whole) {
    if (ins == 0xC0) {
      return script_.rest + from_hex("9000");
    }
    if (!script_.answers_in_parts || whole.size() <= 2) {
      return whole;
    }
    whole.resize(whole.size() - 2);
    script_.rest = whole;
    return from_hex("61" +
                    countersign::test::hex(Octets{static_cast<std::byte>(script_.rest.size())}));
  }

  Octets run(int ins, ByteView command) {
    switch (ins) {
      case 0xA4:
        script_.verified = false;
        return from_hex("6f1f8407f0435349474e01a5148002" + script_.version + "8101018208" +
                        script_.uid + "8301" + script_.life_cycle + "9000");
      case 0x20:
        return verify(command.subspan(5));
      case 0xCA:
        return get_data(std::to_integer<int>(command[3]));
      case 0x88:
        return command[3] == std::byte{2} ? presence() : handshake_key();
      case 0x04:
      case 0x44:
      case 0x82:
      case 0xE6:
        return obey(ins, command.subspan(5, 4));
      case 0xDB:
        script_.life_cycle = "01";
        return from_hex("9000");
      case 0xC0:
        return {};
      default:
        return from_hex("6d00");
    }
  }

  Octets obey(int ins, ByteView number) {
    if (!script_.issuer_status.empty()) {
      return from_hex(script_.issuer_status);
    }
    const std::uint32_t n = Reader{number}.be<std::uint32_t>();
    if (n <= script_.admin_counter) {
      return from_hex("6a80");
    }
    script_.admin_counter = n;
    script_.life_cycle = ins == 0x04 ? "04" : "05";
    return from_hex("9000");
  }

  [[nodiscard]] Octets presence() const {
    const auto counter = be32(script_.admin_counter);
    return from_hex(script_.life_cycle) + Octets{counter.begin(), counter.end()} + Octets(16) +
           from_hex("9000");
  }

  Octets verify(ByteView pin) {
    if (script_.refuses_holder) {
      return from_hex("6985");
    }
    if (script_.tries == 0) {
      return from_hex("6983");
    }
    script_.verified = text_of(pin) == script_.pin;
    script_.tries =
        script_.verified ? std::uint8_t{3} : static_cast<std::uint8_t>(script_.tries - 1);
    return script_.verified ? from_hex("9000") : from_hex("63c" + std::to_string(script_.tries));
  }

  Octets get_data(int object) {
    if (object == 1) {
      return octets("mote-3") + from_hex("9000");
    }
    if (object == 4) {
      return from_hex("0" + std::to_string(script_.tries) + "0" +
                      std::to_string(script_.puk_tries) + "9000");
    }
    if (object == 5) {
      const auto counter = be32(script_.admin_counter);
      return Octets{counter.begin(), counter.end()} + from_hex("9000");
    }
    return from_hex("000000049000");
  }

  Octets handshake_key() {
    if (!script_.verified) {
      return from_hex("6982");
    }
    Octets out(4 + 16 + 32, std::byte{0x5A});
    copy(be32(++script_.epoch), out);
    return out + from_hex("9000");
  }

  ReaderScript& script_;
};

}  // namespace countersign::client::test
