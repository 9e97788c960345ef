#include "countersign/client/card/card_key.hpp"

#include <utility>

#include "countersign/client/card/card_session.hpp"

namespace countersign::client {
namespace {

constexpr int kMaxPrompts = 8;  // a card never has more tries
constexpr std::uint8_t kUnasked = 2;

bool is_about_pin(CardError what) {
  return what == CardError::wrong_pin || what == CardError::last_try;
}

}  // namespace

CardKey::CardKey(Card card, CardInfo info, PinSource pins)
    : card_{std::move(card)}, info_{std::move(info)}, pins_{std::move(pins)} {}

Outcome<std::unique_ptr<CardKey>> CardKey::open(Card card, PinSource pins) {
  auto info = card.info();
  if (!info) {
    return info.why();
  }
  if (info->life_cycle != LifeCycle::active) {
    return CardFailure{.what = error_of(info->life_cycle)}.error();
  }
  return std::unique_ptr<CardKey>{new CardKey{std::move(card), std::move(*info), std::move(pins)}};
}

/// Asks whoever knows the PIN, with the tries that are left now.
Status CardKey::ask_pin(bool again) {
  const auto now = card_.info();
  if (!now) {
    return now.why();
  }
  if (now->pin_tries == 0) {
    return CardFailure{.what = CardError::pin_blocked}.error();
  }
  auto pin = pins_({.kind = PinKind::pin,
                    .card = hex_of(card_.uid()),
                    .identity = std::string{info_.identity.text()},
                    .reader = card_.reader(),
                    .tries_left = now->pin_tries,
                    .again = again,
                    .pinpad = card_.has_pinpad()});
  if (!pin) {
    return pin.why();
  }
  info_.pin_tries = now->pin_tries;
  pin_ = std::move(*pin);
  return Done{};
}

template <class T, class Use>
Outcome<T> CardKey::with_pin(Use use) {
  bool again = false;
  bool asked = false;
  for (int i = 0; i < kMaxPrompts; ++i) {
    if (!pin_) {
      if (const Status got = ask_pin(again); !got) {
        return got.why();
      }
      asked = true;
    }
    // whoever was just asked knew how many tries are left
    const std::uint8_t least = asked && info_.pin_tries == 1 ? std::uint8_t{1} : kUnasked;
    auto result = use(*pin_, least);
    if (pin_->is_at_reader()) {
      pin_.reset();  // there is nothing to keep: the person types it each time
    }
    if (result) {
      return result;
    }
    const CardError what = card_.last_failure().what;
    pin_.reset();  // a wrong one, or one whose fate is unknown: nobody's cache
    if (!is_about_pin(what)) {
      return result.why();
    }
    again = what == CardError::wrong_pin;
  }
  return CardFailure{.what = CardError::pin_needed}.error();
}

Outcome<HandshakeKey> CardKey::next_handshake_key(std::string_view server_id) {
  return with_pin<HandshakeKey>([&](const Pin& pin, std::uint8_t least) {
    return card_.handshake_key(server_id, pin, least);
  });
}

Outcome<Checksum> CardKey::checksum(const Digest& digest) {
  return with_pin<Checksum>(
      [&](const Pin& pin, std::uint8_t least) { return card_.checksum(digest, pin, least); });
}

}  // namespace countersign::client
