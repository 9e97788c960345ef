#pragma once

#include <memory>
#include <optional>

#include "countersign/client/card/card.hpp"
#include "countersign/client/key_source.hpp"
#include "countersign/client/pin.hpp"

namespace countersign::client {

/// A card as a source of handshake keys: k never leaves it. Asks for the PIN when first needed,
/// keeps it in locked memory, and never sends it unasked when one try is left.
class CardKey final : public KeySource {
 public:
  /// Refuses a card that is not personalised and active.
  [[nodiscard]] static Outcome<std::unique_ptr<CardKey>> open(Card card, PinSource pins);

  [[nodiscard]] const Identity& identity() const override { return info_.identity; }
  [[nodiscard]] Outcome<HandshakeKey> next_handshake_key(std::string_view server_id) override;
  [[nodiscard]] bool signs_on_card() const override { return true; }
  [[nodiscard]] Outcome<Checksum> checksum(const Digest& digest) override;

  [[nodiscard]] const CardInfo& info() const { return info_; }
  [[nodiscard]] Card& card() { return card_; }

 private:
  CardKey(Card card, CardInfo info, PinSource pins);
  template <class T, class Use>
  [[nodiscard]] Outcome<T> with_pin(Use use);
  [[nodiscard]] Status ask_pin(bool again);

  Card card_;
  CardInfo info_;
  PinSource pins_;
  std::optional<Pin> pin_;
};

}  // namespace countersign::client
