#include <CLI/CLI.hpp>
#include <chrono>

#include "admin.hpp"
#include "command.hpp"
#include "level_display.hpp"
#include "level_poller.hpp"
#include "levels_view.hpp"
#include "options.hpp"
#include "screen.hpp"

namespace countersign::cli {
namespace {

using Clock = std::chrono::steady_clock;
using Event = StopSignals::Event;

constexpr std::size_t kMaxCount = 1'000;
constexpr std::size_t kUsualCount = 100;

/// Shows levels and scores as they change.
class DeviceWatch final : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    constexpr double kShortest = 0.1;
    app.add_option("--every", every_s_, "Seconds between two looks")
        ->check(CLI::Range(kShortest, 86'400.0).description(""))
        ->type_name("S")
        ->capture_default_str();
    app.add_option("--match", match_, "Only identities like this; * stands for anything")
        ->type_name("PATTERN");
    app.add_option("--count", count_, "At most so many, the worst [100, or what the screen holds]")
        ->check(CLI::Range(std::size_t{1}, kMaxCount).description(""))
        ->type_name("N");
    app.add_flag("--once", once_, "Look once, print a table and end");
    add_json(app, console);
    connection_.declare(app);
    app.footer(
        "At a terminal: worst first, what has changed since the last look marked with * (new),\n"
        "+ (better), - (worse) or ! (standing); Ctrl-C ends. Elsewhere a line for each change:\n"
        "time, identity, level, score, standing, kid; with --json an object for each look.");
  }

  int run(const Console& console) override {
    if (once_) {
      return look_once(console);
    }
    const bool on_screen = !console.json && Screen::usable();
    const StopSignals signals{on_screen ? StopSignals::Also::terminal : StopSignals::Also::nothing};
    LevelPoller poller;
    const auto client = connection_.open(poller.observer());
    if (!client) {
      return console.fail(client.why());
    }
    signals.let_through();
    if (const auto session = (*client)->login(); !session) {
      return console.fail(session.why());
    }
    signals.hold_back();
    const client::Status end = watch(signals, poller, **client, console, on_screen);
    (*client)->close();
    return end ? 0 : console.fail(end.why());
  }

 private:
  [[nodiscard]] Json command() const {
    const std::size_t rows = once_ ? 0 : Screen::size().rows;
    const std::size_t count = std::min(std::max(kUsualCount, rows), kMaxCount);
    Json out{{"command", "listLevels"}, {"count", count_ == 0 ? count : count_}};
    if (!match_.empty()) {
      out["match"] = match_;
    }
    return out;
  }

  int look_once(const Console& console) const {
    auto admin = Admin::login(connection_);
    if (!admin) {
      return console.fail(admin.why());
    }
    const auto answer = admin->run(command());
    if (!answer) {
      return console.fail(answer.why());
    }
    if (console.json) {
      console.print(*answer);
      return 0;
    }
    for (const std::string& line : table_of(read_levels(*answer))) {
      console.line(line);
    }
    return 0;
  }

  client::Status watch(const StopSignals& signals, LevelPoller& poller, client::Client& client,
                       const Console& console, bool on_screen) const {
    const auto display = on_screen ? make_screen_display() : make_line_display(console);
    const auto every =
        std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>{every_s_});
    auto next = Clock::now();
    while (console.writable()) {
      switch (signals.wait(poller.bell().fd(), next - Clock::now())) {
        case Event::stopped:
          return client::Done{};
        case Event::timed_out:
          poller.ask(client, command());
          next = Clock::now() + every;
          break;
        case Event::ready:
          poller.bell().rest();
          if (client::Status going = take(poller, client, *display); !going) {
            return going;
          }
          break;
        case Event::resized:
          display->resize();
          break;
        case Event::paused:
          display->pause();
          break;
      }
    }
    return client::Done{};
  }

  /// \returns why it cannot go on; a lost connection comes back by itself.
  static client::Status take(LevelPoller& poller, client::Client& client, LevelDisplay& display) {
    const auto answer = poller.take();
    std::string status = poller.status();
    if (answer && *answer) {
      display.show(**answer);
    } else if (answer && answer->why().fault == client::Fault::refused) {
      return answer->why();
    } else if (answer && status.empty()) {
      status = printable(answer->why().text);
    }
    if (client.state() == client::State::closed) {
      return client::Error{.fault = client::Fault::network, .text = "the connection is over"};
    }
    display.show_status(status);
    return client::Done{};
  }

  double every_s_ = 1;
  std::string match_;
  std::size_t count_ = 0;
  bool once_ = false;
  Connection connection_;
};

}  // namespace

std::unique_ptr<Command> make_device_watch() { return std::make_unique<DeviceWatch>(); }

}  // namespace countersign::cli
