#include <algorithm>
#include <utility>

#include "countersign/client/session/core.hpp"
#include "countersign/client/session/topics.hpp"

namespace countersign::client {

/// Makes, repeats and gives up handshakes on the connection that is there.
void Core::drive_handshake(Millis now) {
  if (phase_ != Phase::handshaking && phase_ != Phase::online) {
    return;
  }
  if (phase_ == Phase::handshaking && !handshake_ && !make_handshake(now)) {
    return;
  }
  if (phase_ == Phase::online && session_ && session_->exhausted() && !handshake_ &&
      now >= handshake_at_ && !make_handshake(now)) {
    return;
  }
  if (!handshake_) {
    return;
  }
  if (const auto sending = handshake_->due(now)) {
    send_handshake(*sending);
  }
  if (handshake_->spent()) {
    handshake_.reset();
    handshake_at_ = now + handshake_pause_.next();
    renew_at_ = phase_ == Phase::online ? handshake_at_ : 0;
  }
}

void Core::send_handshake(const Handshake::Sending& sending) {
  if (sending.travel == Travel::in_session) {
    send_control(sending.message);
    return;
  }
  Outgoing out;
  out.topic = kAuthTopic;
  out.payload.assign(sending.message.begin(), sending.message.end());
  link_.send(kControlTicket, out);
  wipe(out.payload);  // it may be a password
}

/// Asks the key for one handshake; a person may have to type a PIN now.
bool Core::make_handshake(Millis now) {
  if (now < handshake_at_) {
    return false;
  }
  auto made = Handshake::make(options_, key_, crypto_, random_);
  if (made) {
    handshake_ = std::move(*made);
    return true;
  }
  handshake_at_ = now + handshake_pause_.next();
  tell(made.why().text);
  if (phase_ != Phase::online) {
    if (logins_.empty() && options_.reconnect) {
      link_.close();
      connect_later(handshake_at_ - now, now, made.why().text);
    } else {
      give_up(made.why());
    }
  } else {
    renew_at_ = handshake_at_;
  }
  return false;
}

/// `finished` verified: only now does the new session replace the old one.
void Core::finished(Millis now) {
  auto fresh = LiveSession::open(crypto_, handshake_->agreement());
  last_receipt_ = handshake_->receipt();
  handshake_.reset();
  if (!fresh) {
    give_up({Fault::usage, "OpenSSL cannot derive the session's keys"});
    return;
  }
  handshake_at_ = 0;
  renew_at_ = 0;
  handshake_pause_.reset();
  old_session_ = std::exchange(session_, std::move(fresh));
  if (old_session_ && last_receipt_.kid == old_session_->kid()) {
    outbox_.received(last_receipt_);
  }
  if (phase_ == Phase::handshaking && needs_own_id()) {
    link_.close();
    open_resume();
    return;
  }
  if (phase_ == Phase::handshaking) {
    go_online(false, now);
    return;
  }
  tell("session renewed");
  settle_old_session(old_session_ ? old_session_->kid() : std::uint16_t{0}, now);
  commit_will();
  if (!receipts_.empty()) {
    request_receipt(session_->kid());
  }
  pump(now);
}

/// The first message under the new kid asks what became of the letters of the old one.
void Core::settle_old_session(std::uint16_t old_kid, Millis now) {
  if (settling_kid_ != 0 && settling_kid_ != old_kid) {
    outbox_.give_up(settling_kid_);  // two sessions back: nobody can say any more
  }
  settling_kid_ = 0;
  if (old_kid == session_->kid() || !outbox_.has_unsettled(old_kid)) {
    return;
  }
  settling_kid_ = old_kid;
  settling_until_ = now + options_.patience.answer;
  request_receipt(old_kid);
}

/// A new handshake inside the session: enforcement, expiry, or the last seq.
void Core::renew(Refusal why, Millis now) {
  if (phase_ != Phase::online || handshake_) {
    return;
  }
  if (make_handshake(now)) {
    if (why == Refusal::enforcement) {
      handshake_->demanded(now);
    }
    tell("proving the key again");
    drive_handshake(now);
  }
}

/// T's demand under the present session, which answers it.
void Core::take_question(ByteView q, std::uint16_t kid, Millis now) {
  if (key_.method() != Method::mfar || kid != session_->kid()) {
    return;
  }
  renew(Refusal::enforcement, now);
  if (handshake_) {
    handshake_->take(crypto_, random_, q, Travel::in_session, now);
    drive_handshake(now);
  }
}

/// Nobody signed this, so it may start one handshake, later and ever more rarely, and no more.
void Core::take_hint(const Notice& notice, Millis now) {
  const bool starts = notice.why == Refusal::enforcement || notice.why == Refusal::unknown_kid;
  if (!starts || handshake_ || renew_at_ != 0 || phase_ != Phase::online) {
    return;
  }
  const bool first = last_hint_ == 0 || now - last_hint_ > options_.patience.max_back_off;
  if (first) {
    hint_pause_.reset();
  }
  const Millis pause = first ? 0 : hint_pause_.next();
  renew_at_ =
      std::max(now + random_delay(random_, options_.patience.hint_delay), last_hint_ + pause);
  last_hint_ = now;
}

}  // namespace countersign::client
