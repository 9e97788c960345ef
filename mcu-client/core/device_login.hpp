#pragma once

#include "core/device.hpp"

/// How a `Device` proves itself. Part of core/device.hpp.
namespace countersign::mcu {

template <Transport Link, Signer Keys>
void Device<Link, Keys>::give_up_login(Millis now) {
  keys_.give_up();
  login_at_ = now + pace_.failed();
}

/// A new handshake on the connection that is there; it begins after `pause`.
template <Transport Link, Signer Keys>
void Device<Link, Keys>::renew(Millis now, Millis pause) {
  if (phase_ == Phase::online && !pace_.active() && now >= login_at_) {
    in_session_ = false;
    pace_.start(now + pause);
  }
}

template <Transport Link, Signer Keys>
DeviceEvent Device<Link, Keys>::drive_login(Millis now) {
  if (pace_.late(now)) {
    give_up_login(now);
    if (phase_ == Phase::handshaking) {
      mqtt_.close();
      phase_ = Phase::waiting;
      connect_at_ = login_at_;
    }
    return {};
  }
  if (!pace_.due(now)) {
    return {};
  }
  const auto size = keys_.answered() ? keys_.answer_again(out_) : keys_.begin(out_);
  if (!size) {
    return fail(size.why());
  }
  Bytes<kAnswerBytes> answer;
  if (in_session_ && keys_.answered() && *size <= answer.size()) {
    // nothing else may go out meanwhile, so it needs no room for what follows
    copy(ByteView{out_}.first(*size), answer);
    static_cast<void>(tell_anyhow(kAuthTopic, ByteView{answer}.first(*size), now));
  } else {
    send_plain(ByteView{out_}.first(*size), now);
  }
  pace_.sent(now);
  return {};
}

template <Transport Link, Signer Keys>
void Device<Link, Keys>::send_plain(ByteView message, Millis now) {
  const PublishPacket packet{.topic = kAuthTopic, .payload = message};
  static_cast<void>(mqtt_.publish(packet, now));  // what gets lost is sent again
}

template <Transport Link, Signer Keys>
DeviceEvent Device<Link, Keys>::take_handshake(ByteView message, Millis now) {
  if (!pace_.active()) {
    return {};  // nobody asked for it, and it would be taken for the answer to what comes next
  }
  const auto step = keys_.take(message, out_);
  if (!step) {
    return step.why() == Refusal::internal ? fail(step.why()) : DeviceEvent{};
  }
  if (step->finished) {
    return finished(step->receipt, now);
  }
  if (step->answer_bytes != 0) {
    pace_.answered(now);
    send_plain(ByteView{out_}.first(step->answer_bytes), now);
  }
  return {};
}

/// `finished` verified: a new session, under which nothing was sent yet.
template <Transport Link, Signer Keys>
DeviceEvent Device<Link, Keys>::finished(const Receipt& receipt, Millis now) {
  pace_.finished();
  in_session_ = false;
  enforced_ = false;
  asked_ = false;
  login_at_ = 0;
  renew_at_ = 0;
  flow_.begin();
  const std::uint16_t old_kid = keys_.old_kid();
  // a snapshot: only what it says is there is certain
  if (old_kid != 0 && receipt.kid == old_kid && !flow_.received(receipt, true)) {
    return fail(Refusal::internal);
  }
  settling_ = true;
  settle_at_ = now;
  if ((old_kid == 0 || !flow_.has_any()) && !settled()) {
    return fail(Refusal::internal);
  }
  const bool fresh = phase_ == Phase::handshaking;
  proven_n_ = fresh ? 0 : proven_n_;
  commit_will_ = !options_.will.topic.empty();
  return fresh ? go_online(now) : DeviceEvent{};
}

template <Transport Link, Signer Keys>
bool Device<Link, Keys>::settled() {
  settling_ = !keys_.settle();
  return !settling_;
}

}  // namespace countersign::mcu
