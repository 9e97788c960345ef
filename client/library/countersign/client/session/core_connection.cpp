#include <algorithm>
#include <array>
#include <utility>

#include "countersign/base64url.hpp"
#include "countersign/client/session/core.hpp"

namespace countersign::client {
namespace {

constexpr std::size_t kStrangerRandomBytes = 16;  // 22 characters
constexpr std::size_t kSuffixRandomBytes = 6;     // 8 characters

std::string random_text(Random& random, std::size_t bytes) {
  std::array<std::byte, kStrangerRandomBytes> raw{};
  std::array<char, base64url_size(kStrangerRandomBytes)> text{};
  const std::span<std::byte> used{raw.data(), bytes};
  return random.fill(used) ? std::string{encode_base64url(used, text)} : std::string{};
}

/// CONNACK codes of 3.1.1 and 5 with which a broker refuses a proof.
bool refuses_proof(int code) { return code == 4 || code == 5 || code == 0x86 || code == 0x87; }

std::string seconds_text(Millis pause) {
  return pause < 1000 ? "now" : "in " + std::to_string(pause / 1000) + " s";
}

}  // namespace

bool Core::needs_own_id() const {
  return options_.suffix.has_value() || options_.session_expiry_s > 0 || options_.will.has_value();
}

std::string Core::own_id() {
  if (own_id_.empty()) {
    own_id_ = key_.identity().text();
    if (!needs_own_id()) {
      own_id_ += "~" + random_text(random_, kSuffixRandomBytes);
    } else if (options_.suffix && !options_.suffix->empty()) {
      own_id_ += "~" + *options_.suffix;
    }
  }
  return own_id_;
}

void Core::connect(Millis now) {
  if (resume_next_ && session_) {
    open_resume();
    return;
  }
  if (now < handshake_at_) {
    connect_at_ = handshake_at_;
    phase_ = Phase::waiting;
    return;
  }
  open_stranger(now);
}

void Core::open_stranger(Millis now) {
  const std::string text = random_text(random_, kStrangerRandomBytes);
  if (text.empty()) {
    give_up({Fault::file, "the system gives no random bytes"});
    return;
  }
  client_id_ = "~" + text;
  proven_n_ = 0;
  phase_ = Phase::opening_stranger;
  if (handshake_) {
    handshake_->connection_ended();
    if (handshake_->spent()) {
      handshake_.reset();
    }
  }
  // A+ asks its key, or a person, only once somebody is there to talk to
  if (key_.method() == Method::mfar && !make_handshake(now)) {
    return;
  }
  tell("connecting");
  ConnectRequest request{.client_id = client_id_, .username = {}, .password = {}};
  if (const auto claim = handshake_ ? handshake_->claim() : std::nullopt) {
    request.username = claim->user;
    request.password = text_of(claim->password);
  }
  link_.open(request);
  wipe(std::as_writable_bytes(std::span{request.password}));
}

void Core::open_resume() {
  client_id_ = own_id();
  ConnectRequest request{.client_id = client_id_,
                         .username = std::string{key_.identity().text()},
                         .password = session_->prove(crypto_, client_id_),
                         .clean = options_.session_expiry_s == 0,
                         .with_will = options_.will.has_value()};
  proven_n_ = session_->n();
  phase_ = Phase::opening_resume;
  tell("resuming the session");
  link_.open(request);
}

void Core::opened(const Opened& event, Millis now) {
  if (phase_ == Phase::opening_resume) {
    unanswered_ = 0;
    go_online(event.session_present, now);
  } else if (phase_ == Phase::opening_stranger) {
    phase_ = Phase::handshaking;
    tell("connected, logging in");
    if (handshake_) {
      handshake_->connected(now);
    }
    drive_handshake(now);
  }
}

void Core::failed(const OpenFailed& event, Millis now) {
  const bool resuming = phase_ == Phase::opening_resume;
  if (resuming && refuses_proof(event.code)) {
    resume_next_ = false;
    unanswered_ = 0;
    connect_later(random_delay(random_, options_.patience.hint_delay), now,
                  "the session is not known any more");
    return;
  }
  if (!resuming && refuses_proof(event.code) && handshake_ && handshake_->claim()) {
    password_refused(now);
    return;
  }
  if (!logins_.empty() && !resuming) {
    give_up({Fault::network, "cannot connect to " + options_.host + ": " + event.text,
             "is the broker running there, and is the port right?"});
    return;
  }
  if (event.code == 0) {
    // whether the proof was judged nobody knows: n + 1, and in turn a new handshake
    ++unanswered_;
    resume_next_ = session_ && unanswered_ % 2 == 1;
  }
  connect_later(connect_pause_.next(), now, "cannot connect: " + event.text);
}

/// Step 1 by CONNECT has one error for everything.
void Core::password_refused(Millis now) {
  const std::string user{key_.identity().text()};
  handshake_.reset();
  if (logins_.empty()) {
    connect_later(handshake_pause_.next(), now, "the broker refused user and password");
    return;
  }
  give_up({Fault::refused, "the broker refused user and password of " + user,
           "it never says why, its audit does: wrong user or password, locked out after wrong "
           "ones, blocked or expelled, or registered elsewhere; wait a minute, then compare the "
           "key file with the registration",
           Refusal::bad_handshake});
}

void Core::lost(const std::string& text, Millis now) {
  const bool was_logging_in = phase_ == Phase::handshaking && !session_;
  if (handshake_) {
    handshake_->connection_ended();
    if (handshake_->spent()) {
      handshake_.reset();
      handshake_at_ = now + handshake_pause_.next();
    }
  }
  outbox_.connection_ended();
  if (was_logging_in && !logins_.empty()) {
    give_up({Fault::network, "the broker closed the connection during the handshake",
             "the broker's audit says why", Refusal::bad_handshake});
    return;
  }
  if (!options_.reconnect) {
    give_up({Fault::network, "connection lost: " + text});
    return;
  }
  if (phase_ == Phase::online) {
    resume_next_ = session_ != nullptr;
    connect_pause_.reset();
  } else if (phase_ == Phase::handshaking && handshake_) {
    handshake_at_ = std::max(handshake_at_, handshake_->next_due());
  }
  connect_later(connect_pause_.next(), now, "connection lost: " + text);
}

void Core::connect_later(Millis pause, Millis now, const std::string& text) {
  if (!options_.reconnect && logins_.empty()) {
    give_up({Fault::network, text});
    return;
  }
  phase_ = Phase::waiting;
  connect_at_ = now + pause;
  tell(text + ", trying again " + seconds_text(pause));
}

void Core::go_online(bool session_present, Millis now) {
  phase_ = Phase::online;
  resume_next_ = true;
  connect_pause_.reset();
  tell("online as " + client_id_);
  if (old_session_) {
    settle_old_session(old_session_->kid(), now);
  }
  commit_will();
  if (!session_present) {
    for (const auto& [filter, subscription] : subscriptions_) {
      link_.subscribe(kControlTicket, filter, subscription.qos);
    }
  }
  if (!receipts_.empty()) {
    request_receipt(session_->kid());
  }
  for (const auto& waiter : std::exchange(logins_, {})) {
    waiter.done(session());
  }
  pump(now);
}

/// Ends everything that waits. The session and an unanswered m1 stay for a later login.
void Core::give_up(const Error& why) {
  link_.close();
  phase_ = Phase::idle;
  outbox_.fail_all(why);
  for (const auto& waiter : std::exchange(logins_, {})) {
    waiter.done(why);
  }
  for (const auto& waiter : std::exchange(receipts_, {})) {
    waiter.done(why);
  }
  for (const auto& [ticket, waiter] : std::exchange(subscribing_, {})) {
    waiter.done(why);
  }
  for (const auto& [number, request] : std::exchange(requests_, {})) {
    request.waiter.done(why);
  }
}

}  // namespace countersign::client
