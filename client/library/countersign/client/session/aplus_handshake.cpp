#include "countersign/client/session/aplus_handshake.hpp"

#include <algorithm>
#include <limits>

namespace countersign::client {

Refusal AplusHandshake::start(const Crypto& crypto, Random& random, const HandshakeKey& key,
                              std::string_view identity, std::string_view server_id, Suite suite,
                              const Patience& patience) {
  patience_ = patience;
  pause_ = patience.repeat_first;
  return side_.start(crypto, random, key, identity, server_id, suite).why();
}

std::optional<Handshake::Sending> AplusHandshake::due(Millis now) {
  if (phase_ == Phase::third && now >= give_up_) {
    phase_ = Phase::spent;
  }
  const bool waiting = phase_ == Phase::first || phase_ == Phase::third;
  if (!waiting || now < next_due_) {
    return std::nullopt;
  }
  if (phase_ == Phase::first) {
    next_due_ = now + pause_;
    pause_ = std::min(2 * pause_, patience_.max_back_off);
    return Sending{.message = side_.first()};
  }
  next_due_ = std::min(now + patience_.repeat_first, give_up_);
  return Sending{.message = side_.third()};
}

void AplusHandshake::take(const Crypto& crypto, Random& random, ByteView message, Travel travel,
                          Millis now) {
  if (message.empty() || travel != Travel::plain) {
    return;
  }
  switch (std::to_integer<std::uint8_t>(message[0])) {
    case kSecondMark:
      take_second(crypto, random, message, now);
      return;
    case kFinishedMark:
      take_finished(crypto, message);
      return;
    default:
      return;
  }
}

void AplusHandshake::take_second(const Crypto& crypto, Random& random, ByteView m2, Millis now) {
  if (phase_ != Phase::first || !side_.answer(crypto, random, m2)) {
    return;
  }
  phase_ = Phase::third;
  next_due_ = now;
  give_up_ = now + patience_.third;
}

void AplusHandshake::take_finished(const Crypto& crypto, ByteView finished) {
  if (phase_ != Phase::third) {
    return;
  }
  if (const auto receipt = side_.finish(crypto, finished)) {
    receipt_ = *receipt;
    phase_ = Phase::finished;
    next_due_ = std::numeric_limits<Millis>::max();
  }
}

void AplusHandshake::connection_ended() {
  if (phase_ == Phase::third) {
    phase_ = Phase::spent;
  }
}

void AplusHandshake::hurry(Millis now) {
  if (phase_ == Phase::first) {
    next_due_ = now;
    pause_ = patience_.repeat_first;
  }
}

}  // namespace countersign::client
