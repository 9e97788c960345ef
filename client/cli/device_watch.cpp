#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdlib>

#include "command.hpp"
#include "connection.hpp"
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

/// Where levels are shown. `status` is empty while the connection is well.
class Display {
 public:
  Display() = default;
  Display(const Display&) = delete;
  Display& operator=(const Display&) = delete;
  virtual ~Display() = default;

  virtual void show(const Json& data) = 0;
  virtual void show_status(const std::string& status) = 0;
  virtual void resize() {}
  virtual void pause() {}
};

/// All over the terminal, in place.
class ScreenDisplay final : public Display {
 public:
  ScreenDisplay() {
    const char* const no_colour = std::getenv("NO_COLOR");
    colour_ = no_colour == nullptr || *no_colour == '\0';
    status_ = "waiting for the broker";
    resize();
  }

  void show(const Json& data) override {
    levels_ = read_levels(data);
    memory_.mark(levels_);
    if (first_) {
      for (LevelRow& row : levels_.devices) {
        row.change = Change::none;
      }
    }
    first_ = false;
    resize();
  }
  void show_status(const std::string& status) override {
    status_ = status;
    resize();
  }
  void resize() override {
    const Screen::Size size = Screen::size();
    // the last column stays free: terminals differ in what they do behind it
    Screen::show(screen_of(levels_, status_, {size.columns - 1, size.rows, colour_}));
  }
  void pause() override {
    screen_.pause();
    resize();
  }

 private:
  Screen screen_;
  Levels levels_;
  LevelMemory memory_;
  std::string status_;
  bool colour_;
  bool first_ = true;
};

/// A line for each change, or JSON for each answer.
class LineDisplay final : public Display {
 public:
  explicit LineDisplay(const Console& console) : console_{console} {}

  void show(const Json& data) override {
    if (console_.json) {
      console_.print(data);
      return;
    }
    Levels levels = read_levels(data);
    memory_.mark(levels);
    for (const std::string& line : changes_of(levels)) {
      console_.line(line);
    }
  }
  void show_status(const std::string& status) override {
    if (status != status_) {
      status_ = status;
      console_.note(status.empty() ? "online" : status);
    }
  }

 private:
  const Console& console_;
  LevelMemory memory_;
  std::string status_;
};

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
    const bool on_screen = !console.json && !once_ && Screen::usable();
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
    const client::Status end = once_ ? look_once(signals, poller, **client, console)
                                     : watch(signals, poller, **client, console, on_screen);
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

  client::Status look_once(const StopSignals& signals, LevelPoller& poller, client::Client& client,
                           const Console& console) const {
    poller.ask(client, command());
    while (signals.wait(poller.bell().fd(), std::nullopt) != Event::stopped) {
      poller.bell().rest();
      const auto answer = poller.take();
      if (!answer) {
        continue;
      }
      if (!*answer) {
        return answer->why();
      }
      if (console.json) {
        console.print(**answer);
        return client::Done{};
      }
      for (const std::string& line : table_of(read_levels(**answer))) {
        console.line(line);
      }
      return client::Done{};
    }
    return client::Done{};
  }

  client::Status watch(const StopSignals& signals, LevelPoller& poller, client::Client& client,
                       const Console& console, bool on_screen) const {
    std::unique_ptr<Display> display;
    if (on_screen) {
      display = std::make_unique<ScreenDisplay>();
    } else {
      display = std::make_unique<LineDisplay>(console);
    }
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
  static client::Status take(LevelPoller& poller, client::Client& client, Display& display) {
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
