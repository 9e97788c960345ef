#include "countersign/client/session/core.hpp"

#include <algorithm>
#include <utility>

namespace countersign::client {
namespace {

constexpr Millis kLongestReconnect = 60'000;
constexpr Millis kBusyTick = 20;
constexpr Millis kIdleTick = 1000;

Error no_answer(const std::string& to) {
  return {Fault::network, "no answer to " + to, "see the broker's log"};
}

}  // namespace

Core::Core(const Options& options, KeySource& key, const Observer& observer, Link& link,
           const Crypto& crypto, Random& random)
    : options_{options},
      key_{key},
      observer_{observer},
      link_{link},
      crypto_{crypto},
      random_{random},
      outbox_{options.mqtt == MqttVersion::v5},
      connect_pause_{options.patience.repeat_first,
                     std::min(kLongestReconnect, options.patience.max_back_off)},
      handshake_pause_{options.patience.repeat_first, options.patience.max_back_off},
      hint_pause_{options.patience.repeat_first, options.patience.max_back_off} {}

void Core::log_in(Answer<SessionInfo> done, Millis now) {
  if (phase_ == Phase::online) {
    done(session());
    return;
  }
  if (phase_ == Phase::closed) {
    done(Error{Fault::usage, "the client was closed"});
    return;
  }
  logins_.push_back({std::move(done), now + options_.patience.login});
  if (phase_ == Phase::idle || phase_ == Phase::waiting) {
    if (handshake_) {
      handshake_->hurry(now);
    }
    handshake_at_ = 0;
    connect(now);
  }
}

void Core::publish(Letter letter, Millis now) {
  if (phase_ == Phase::closed || (phase_ == Phase::idle && !session_)) {
    letter.done(Error{Fault::usage, "not logged in"});
    return;
  }
  static_cast<void>(outbox_.add(std::move(letter)));
  pump(now);
}

void Core::ask_receipt(Answer<Receipt> done, Millis now) {
  if (!session_ || phase_ == Phase::closed) {
    done(Error{Fault::usage, "not logged in"});
    return;
  }
  receipts_.push_back({std::move(done), now + options_.patience.answer});
  if (may_sign()) {
    request_receipt(session_->kid());
  }
}

void Core::subscribe(const std::string& filter, std::uint8_t qos, Client::OnMessage callback,
                     Answer<Done> done, Millis now) {
  subscriptions_[filter] = {qos, std::move(callback)};
  if (phase_ != Phase::online) {
    done(Error{Fault::network, "not connected: the subscription follows with the connection"});
    return;
  }
  subscribing_[++last_ticket_] = {std::move(done), now + options_.patience.answer};
  link_.subscribe(last_ticket_, filter, qos);
}

void Core::unsubscribe(const std::string& filter, Answer<Done> done, Millis now) {
  subscriptions_.erase(filter);
  if (phase_ != Phase::online) {
    done(Done{});
    return;
  }
  subscribing_[++last_ticket_] = {std::move(done), now + options_.patience.answer};
  link_.unsubscribe(last_ticket_, filter);
}

void Core::close() {
  if (phase_ == Phase::closed) {
    return;
  }
  link_.close();
  give_up({Fault::usage, "the client was closed"});
  phase_ = Phase::closed;
  tell("closed");
}

void Core::take(const LinkEvent& event, Millis now) {
  if (const auto* open = std::get_if<Opened>(&event)) {
    opened(*open, now);
  } else if (const auto* failure = std::get_if<OpenFailed>(&event)) {
    failed(*failure, now);
  } else if (const auto* loss = std::get_if<Lost>(&event)) {
    lost(loss->text, now);
  } else if (const auto* message = std::get_if<Arrived>(&event)) {
    arrived(*message, now);
  } else if (const auto* ack = std::get_if<Acked>(&event)) {
    if (const auto waiter = subscribing_.extract(ack->ticket)) {
      const bool good = ack->code >= 0 && ack->code < 0x80;
      waiter.mapped().done(good ? Outcome<Done>{Done{}}
                                : Error{Fault::refused, "the broker refused the subscription"});
      return;
    }
    outbox_.acknowledged(ack->ticket, ack->code, now);
  }
}

void Core::tick(Millis now) {
  if (phase_ == Phase::waiting && now >= connect_at_) {
    connect(now);
  }
  if (renew_at_ != 0 && now >= renew_at_ && phase_ == Phase::online) {
    renew_at_ = 0;
    renew(Refusal::none, now);
  }
  drive_handshake(now);
  if (settling_kid_ != 0 && now >= settling_until_) {
    outbox_.give_up(std::exchange(settling_kid_, std::uint16_t{0}));
  }
  watch_receipts(now);
  if (now >= expire_at_) {
    expire_at_ = now + kBusyTick;
    expire(now);
  }
  pump(now);
}

Millis Core::next_tick(Millis now) const {
  const bool quiet = phase_ == Phase::online && !handshake_ && outbox_.size() == 0 &&
                     receipts_.empty() && requests_.empty() && subscribing_.empty() &&
                     renew_at_ == 0;
  return now + (quiet || phase_ == Phase::idle || phase_ == Phase::closed ? kIdleTick : kBusyTick);
}

template <class T>
void Core::expire(std::vector<Waiter<T>>& waiters, Millis now, const Error& why) {
  const auto late = std::stable_partition(
      waiters.begin(), waiters.end(), [&](const auto& waiter) { return now < waiter.deadline; });
  const std::vector<Waiter<T>> over{late, waiters.end()};
  waiters.erase(late, waiters.end());
  for (const Waiter<T>& waiter : over) {
    waiter.done(why);
  }
}

void Core::expire(Millis now) {
  outbox_.expire(now);
  expire(receipts_, now, no_answer("the request for a receipt"));
  const bool had_logins = !logins_.empty();
  expire(logins_, now,
         {Fault::refused, "no answer to the handshake as " + std::string{key_.identity().text()},
          key_.method() == Method::mfar
              ? "the broker's audit says why: is the plugin loaded, is the key file what the "
                "registration gave, and is the identity neither locked out, blocked nor expelled?"
              : "the broker's audit says why: is the plugin loaded, the identity registered with "
                "this key, the server_id right, and is it neither blocked nor expelled?",
          Refusal::bad_handshake});
  if (had_logins && logins_.empty() && !session_) {
    link_.close();
    phase_ = Phase::idle;
  }
  for (auto entry = requests_.begin(); entry != requests_.end();) {
    const auto here = entry++;
    if (now >= here->second.waiter.deadline) {
      const auto done = std::move(here->second.waiter.done);
      requests_.erase(here);
      done(no_answer("the command; it may have been done"));
    }
  }
  for (auto entry = subscribing_.begin(); entry != subscribing_.end();) {
    const auto here = entry++;
    if (now >= here->second.deadline) {
      const auto done = std::move(here->second.done);
      subscribing_.erase(here);
      done(no_answer("the subscription"));
    }
  }
}

State Core::state() const {
  switch (phase_) {
    case Phase::idle:
    case Phase::waiting:
      return State::offline;
    case Phase::opening_stranger:
    case Phase::opening_resume:
      return State::connecting;
    case Phase::handshaking:
      return State::handshaking;
    case Phase::online:
      return handshake_ ? State::handshaking : State::online;
    case Phase::closed:
      return State::closed;
  }
  return State::closed;
}

Outcome<SessionInfo> Core::session() const {
  if (!session_) {
    return Error{Fault::usage, "not logged in"};
  }
  return SessionInfo{.identity = std::string{key_.identity().text()},
                     .client_id = client_id_,
                     .kid = session_->kid(),
                     .auth_code = session_->auth_code(),
                     .last = last_receipt_};
}

bool Core::may_sign() const {
  return phase_ == Phase::online && session_ && !handshake_ && !session_->exhausted();
}

void Core::tell(const std::string& text) const {
  if (observer_.on_state) {
    observer_.on_state(state(), text);
  }
}

}  // namespace countersign::client
