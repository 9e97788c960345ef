#include "countersign/client/client_body.hpp"

#include <chrono>

namespace countersign::client {
namespace {

using Clock = std::chrono::steady_clock;

Millis now() {
  // one day ahead, so that no moment is near zero, which means "never"
  constexpr Millis kDay = Millis{24} * 60 * 60 * 1000;
  return kDay +
         std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now().time_since_epoch())
             .count();
}

}  // namespace

Client::Body::Body(Options options, std::unique_ptr<KeySource> key, Observer observer,
                   TrustStore trust, Status usable)
    : options_{std::move(options)},
      key_{std::move(key)},
      observer_{std::move(observer)},
      usable_{std::move(usable)},
      link_{options_, std::move(trust),
            [this](std::uint64_t connection, LinkEvent event) {
              post([this, connection, event = std::move(event)](Core& core, Millis at) {
                if (connection == link_.current()) {
                  core.take(event, at);
                }
              });
            }},
      core_{options_, *key_, observer_, link_, crypto_, random_},
      thread_{[this] { run(); }} {}

bool Client::Body::post(Task task) {
  const std::lock_guard lock{mutex_};
  if (stopping_) {
    return false;
  }
  tasks_.push_back(std::move(task));
  wake_.notify_one();
  return true;
}

void Client::Body::run() {
  thread_id_ = std::this_thread::get_id();
  std::unique_lock lock{mutex_};
  while (!stopping_ || !tasks_.empty()) {
    if (tasks_.empty()) {
      const Millis pause = core_.next_tick(now()) - now();
      wake_.wait_for(lock, std::chrono::milliseconds{std::max<Millis>(pause, 1)});
    }
    std::deque<Task> batch;
    batch.swap(tasks_);
    lock.unlock();
    for (const Task& task : batch) {
      task(core_, now());
    }
    core_.tick(now());
    take_snapshot();
    lock.lock();
  }
}

void Client::Body::take_snapshot() {
  const std::lock_guard lock{mutex_};
  state_ = core_.state();
  session_ = core_.session();
}

State Client::Body::state() {
  if (on_own_thread()) {
    return core_.state();
  }
  const std::lock_guard lock{mutex_};
  return state_;
}

Outcome<SessionInfo> Client::Body::session() {
  if (on_own_thread()) {
    return core_.session();
  }
  const std::lock_guard lock{mutex_};
  return session_ ? *session_ : Error{Fault::usage, "not logged in"};
}

void Client::Body::publish(Letter letter, PublishDone done) {
  if (!usable_) {
    done(usable_.why());
    return;
  }
  ++pending_;
  auto finish = [this, done = std::move(done)](const Outcome<Published>& outcome) {
    if (done) {
      done(outcome);
    }
    const std::lock_guard lock{pending_mutex_};
    --pending_;
    settled_.notify_all();
  };
  letter.done = finish;
  auto shared = std::make_shared<Letter>(std::move(letter));
  const bool taken =
      post([shared](Core& core, Millis at) { core.publish(std::move(*shared), at); });
  if (!taken) {
    finish(Error{Fault::usage, "the client was closed"});
  }
}

void Client::Body::administer(WipedText command, AdminDone done) {
  if (!usable_) {
    done(usable_.why());
    return;
  }
  const bool taken = post([command = std::move(command), done](Core& core, Millis at) {
    core.administer(
        {command},
        [done](const auto& outcomes) { done(outcomes ? outcomes->front() : outcomes.why()); }, at);
  });
  if (!taken) {
    done(Error{Fault::usage, "the client was closed"});
  }
}

Outcome<Core::AdminOutcomes> Client::Body::administer_all(std::vector<WipedText> commands) {
  return ask<Core::AdminOutcomes>(
      [commands = std::move(commands)](Core& core, auto done, Millis at) {
        core.administer(commands, std::move(done), at);
      });
}

Status Client::Body::wait_pending(std::size_t limit, Millis timeout) {
  if (on_own_thread()) {
    return Error{Fault::usage, "a callback may not wait for its own client"};
  }
  std::unique_lock lock{pending_mutex_};
  if (!settled_.wait_for(lock, std::chrono::milliseconds{timeout},
                         [&] { return pending_ <= limit; })) {
    return Error{Fault::network, std::to_string(pending_) + " messages still have no answer"};
  }
  return Done{};
}

void Client::Body::close() {
  if (on_own_thread()) {
    return;  // whoever owns the client closes it
  }
  const std::lock_guard once{close_mutex_};
  post([](Core& core, Millis) { core.close(); });
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) {
    thread_.join();
  }
}

}  // namespace countersign::client
