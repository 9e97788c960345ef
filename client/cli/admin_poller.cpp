#include "admin_poller.hpp"

#include "hints.hpp"

namespace countersign::cli {

client::Observer AdminPoller::observer() {
  client::Observer out;
  out.on_state = [this](client::State state, const std::string& text) {
    {
      const std::scoped_lock guard{mutex_};
      status_ = state == client::State::online ? std::string{} : printable(text);
    }
    bell_.wake();
  };
  return out;
}

void AdminPoller::ask(client::Client& client, const Json& command) {
  {
    const std::scoped_lock guard{mutex_};
    if (asked_) {
      return;
    }
    asked_ = true;
  }
  client.admin_async(command.dump(-1, ' ', true, Json::error_handler_t::replace),
                     [this](const auto& outcome) { answered(outcome); });
}

void AdminPoller::answered(const client::Outcome<std::string>& outcome) {
  {
    const std::scoped_lock guard{mutex_};
    asked_ = false;
    if (outcome) {
      answer_ = Json::parse(*outcome, nullptr, false);
    } else {
      answer_ = admin_error(outcome.why());
    }
  }
  bell_.wake();
}

std::optional<client::Outcome<Json>> AdminPoller::take() {
  const std::scoped_lock guard{mutex_};
  return std::exchange(answer_, std::nullopt);
}

std::string AdminPoller::status() const {
  const std::scoped_lock guard{mutex_};
  return status_;
}

}  // namespace countersign::cli
