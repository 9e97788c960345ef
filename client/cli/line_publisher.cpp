#include "line_publisher.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>

#include "hints.hpp"

namespace countersign::cli {
namespace {

using Clock = std::chrono::steady_clock;
using Event = StopSignals::Event;

constexpr std::size_t kMaxPending = 32;
constexpr std::size_t kMaxLineBytes = 1U << 20U;
constexpr Millis kPendingTimeout = 60'000;

}  // namespace

LinePublisher::LinePublisher(const Console& console, client::Client& client, std::string identity,
                             std::string topic, client::PublishOptions options, double rate)
    : console_{console},
      client_{client},
      identity_{std::move(identity)},
      topic_{std::move(topic)},
      options_{std::move(options)},
      rate_{rate} {}

int LinePublisher::run(const StopSignals& signals) {
  const client::Status read = read_all(signals);
  const client::Status sent = client_.wait_pending(0, kPendingTimeout);
  progress_.clear();
  report();
  if (!read) {
    return console_.fail(read.why());
  }
  if (!sent) {
    return console_.fail(sent.why());
  }
  const std::scoped_lock guard{mutex_};
  return tally_.worst;
}

client::Status LinePublisher::read_all(const StopSignals& signals) {
  std::array<char, 65536> chunk{};
  std::string text;
  while (signals.wait(STDIN_FILENO, std::nullopt) == Event::ready) {
    const ssize_t size = read(STDIN_FILENO, chunk.data(), chunk.size());
    if (size < 0 && errno != EINTR && errno != EAGAIN) {
      return client::Error{.fault = client::Fault::file, .text = "cannot read standard input"};
    }
    text.append(chunk.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    if (!publish_lines(signals, text, size == 0) || size == 0) {
      return client::Done{};
    }
    if (text.size() > kMaxLineBytes) {
      return client::Error{.fault = client::Fault::file,
                           .text = "line " + std::to_string(line_ + 1) + " is over 1 MiB long",
                           .hint = "-f publishes a whole file as one message"};
    }
  }
  return client::Done{};
}

bool LinePublisher::publish_lines(const StopSignals& signals, std::string& text, bool at_end) {
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string::npos && !at_end) {
      break;
    }
    const std::string_view line = std::string_view{text}.substr(begin, end - begin);
    ++line_;
    if (!line.empty()) {
      if (!keep_pace(signals)) {
        return false;
      }
      publish(line);
    }
    begin = end == std::string::npos ? text.size() : end + 1;
  }
  text.erase(0, begin);
  return true;
}

void LinePublisher::publish(std::string_view line) {
  {
    const std::scoped_lock guard{mutex_};
    ++tally_.sent;
  }
  client_.publish_async(topic_, bytes_of(line), options_,
                        [this, number = line_](const client::Outcome<client::Published>& outcome) {
                          count(number, outcome);
                        });
  static_cast<void>(client_.wait_pending(kMaxPending, kPendingTimeout));
  show_progress();
}

void LinePublisher::count(std::size_t line, const client::Outcome<client::Published>& outcome) {
  const std::scoped_lock guard{mutex_};
  if (outcome) {
    tally_.accepted += outcome->accepted ? std::size_t{1} : std::size_t{0};
    return;
  }
  const bool refused = outcome.why().fault == client::Fault::refused;
  ++(refused ? tally_.refused : tally_.failed);
  progress_.clear();
  client::Error why{.fault = outcome.why().fault,
                    .text = "line " + std::to_string(line) + ": " + outcome.why().text};
  if (tally_.worst == 0) {  // one hint is enough
    why.hint = publish_error(outcome.why(), topic_, identity_, options_.short_tag).hint;
  }
  const int code = console_.fail(why);
  tally_.worst = std::max(tally_.worst, code);
}

/// \returns false if a signal came.
bool LinePublisher::keep_pace(const StopSignals& signals) const {
  std::chrono::nanoseconds span{0};
  if (rate_ > 0) {
    const std::scoped_lock guard{mutex_};
    const std::chrono::duration<double> due{static_cast<double>(tally_.sent) / rate_};
    span = start_ + std::chrono::duration_cast<std::chrono::nanoseconds>(due) - Clock::now();
  }
  return signals.wait(-1, span) != Event::stopped;
}

void LinePublisher::show_progress() {
  if (!progress_.due()) {
    return;
  }
  const std::scoped_lock guard{mutex_};
  progress_.show(std::to_string(tally_.sent) + " sent, " + std::to_string(tally_.accepted) +
                 " accepted, " + std::to_string(tally_.refused) + " refused");
}

void LinePublisher::report() const {
  const std::scoped_lock guard{mutex_};
  if (console_.json) {
    console_.print({{"sent", tally_.sent},
                    {"accepted", tally_.accepted},
                    {"refused", tally_.refused},
                    {"failed", tally_.failed}});
    return;
  }
  console_.line(std::to_string(tally_.sent) + " sent, " + std::to_string(tally_.accepted) +
                " accepted, " + std::to_string(tally_.refused) + " refused" +
                (tally_.failed == 0 ? "" : ", " + std::to_string(tally_.failed) + " failed"));
}

}  // namespace countersign::cli
