#pragma once

#include <string>
#include <vector>

#include "countersign/gate.hpp"
#include "openssl/crypto.hpp"
#include "unit/octets.hpp"
#include "unit/refusal_text.hpp"

namespace countersign::test {

/// A PUBLISH that keeps its own bytes.
struct Sent {
  std::string topic = "plant/mote-3/t";
  Octets props{};
  Octets payload{};
  Octets property{};
  bool readable = false;
  std::uint8_t qos = 1;
  bool retain = false;
  bool permitted = true;

  [[nodiscard]] Publish view() const {
    return {
        {bytes_of(topic), props}, payload, readable, property, qos, retain, permitted, "mote-3"};
  }
};

/// The four forms of an envelope, and the readable one of each.
struct Form {
  std::string name;
  std::uint8_t flags = 0;
  bool readable = false;
};
inline const std::vector<Form> kForms{
    {"plain", 0, false},           {"short", kShortTag, false},    {"sealed", kSealed, false},
    {"card", kOnCardTag, false},   {"plain_cs1", 0, true},         {"short_cs1", kShortTag, true},
    {"sealed_cs1", kSealed, true}, {"card_cs1", kOnCardTag, true},
};

/// In range if the payload begins with a digit, no opinion of an empty one.
class DigitsEvaluator final : public Evaluator {
 public:
  virtual ~DigitsEvaluator() = default;
  [[nodiscard]] Evaluation evaluate(const Reading& reading) override {
    const ByteView payload = reading.payload;
    if (payload.empty()) {
      return {};
    }
    const char first = text_of(payload)[0];
    return {first >= '0' && first <= '9' ? Finding::in_range : Finding::out_of_range, "digits"};
  }
};

/// One device with a card and one session of kid 5, as T keeps them, and the device's own side.
class GateScene {
 public:
  explicit GateScene(const Crypto* backend = nullptr);
  GateScene(const GateScene&) = delete;
  GateScene& operator=(const GateScene&) = delete;

  [[nodiscard]] Header next(std::uint8_t flags = 0);
  /// What the device sends under `header`.
  [[nodiscard]] Sent send(const Header& header, std::string_view reading = "21.5",
                          bool readable = false);
  [[nodiscard]] Sent send(const Form& form, std::string_view reading = "21.5") {
    return send(next(form.flags), reading, form.readable);
  }
  Verdict judge(const Sent& sent);
  /// Sends and judges so many readings in range; expects them accepted.
  void accept(std::uint32_t count, std::uint8_t flags = 0);

  /// Everything that judging may change, as one value.
  [[nodiscard]] std::vector<std::uint64_t> state() const;

  openssl::OpenSslCrypto real;
  const Crypto* crypto;
  DigitsEvaluator digits;
  Limits limits;
  Rule rule;
  Millis now = 1'000'000;
  std::vector<std::uint64_t> ring;
  Session session;
  DirectionKey up;
  openssl::OpenSslMacKey up_mac;
  Key32 card_key{Bytes<32>{std::byte{0xCC}}};
  Sender sender;
  std::uint32_t seq = 100;
  std::uint32_t card_counter = 0;
  Octets plain;
};

}  // namespace countersign::test
