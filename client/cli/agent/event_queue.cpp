#include "agent/event_queue.hpp"

#include <optional>

namespace countersign::cli {
namespace {

constexpr std::size_t kMaxWaiting = 65'536;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

EventQueue::EventQueue(std::string identity, std::string host,
                       std::function<void(std::string)> complain)
    : topic_{"countersign/fleet/" + std::move(identity) + "/event"},
      host_{std::move(host)},
      complain_{std::move(complain)} {}

Json EventQueue::compose(std::string_view event, std::uint64_t number) const {
  return {
      {"v", 1},
      {"event", event},
      {"number", number},
      {"at", now_ms()},
      {"uptime", std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - start_).count()},
      {"host", host_}};
}

void EventQueue::add(std::string_view event, Json fields) {
  std::uint64_t given_up = 0;
  {
    const std::scoped_lock guard{mutex_};
    Json json = compose(event, ++last_number_);
    json.update(fields);
    waiting_.push_back({last_number_, dump(json)});
    if (waiting_.size() > kMaxWaiting) {
      // not the first: it may be under way
      given_up = std::next(waiting_.begin())->number;
      waiting_.erase(std::next(waiting_.begin()));
    }
  }
  if (given_up != 0) {
    complain_("event " + std::to_string(given_up) + " is given up: too many wait for the broker");
  }
}

std::string EventQueue::last_words() { return dump(compose("offline", 0)); }

bool EventQueue::empty() const {
  const std::scoped_lock guard{mutex_};
  return waiting_.empty();
}

void EventQueue::send_to(client::Client& client) {
  std::optional<Waiting> first;
  {
    const std::scoped_lock guard{mutex_};
    if (under_way_ || waiting_.empty()) {
      return;
    }
    under_way_ = true;
    first = waiting_.front();
  }
  client::PublishOptions options;
  options.confirm = true;
  client.publish_async(topic_, bytes_of(first->text), options,
                       [this, &client, number = first->number](const auto& outcome) {
                         settled(client, number, outcome);
                       });
}

/// What was refused is given up, else nothing would ever follow it; what was not sent waits.
void EventQueue::settled(client::Client& client, std::uint64_t number,
                         const client::Outcome<client::Published>& outcome) {
  const bool refused = !outcome && outcome.why().fault == client::Fault::refused;
  {
    const std::scoped_lock guard{mutex_};
    under_way_ = false;
    if ((outcome || refused) && !waiting_.empty() && waiting_.front().number == number) {
      waiting_.pop_front();
    }
  }
  if (refused) {
    complain_("the broker refused event " + std::to_string(number) + ": " +
              printable(outcome.why().text) + "; does a rule bind " + topic_ + "?");
  }
  if (outcome || refused) {
    send_to(client);
  }
}

}  // namespace countersign::cli
