#include <CLI/CLI.hpp>

#include "command.hpp"
#include "level_display.hpp"
#include "levels_view.hpp"
#include "options.hpp"
#include "screen.hpp"
#include "watching.hpp"

namespace countersign::cli {
namespace {

constexpr std::size_t kMaxCount = 1'000;
constexpr std::size_t kUsualCount = 100;

/// Shows levels and scores as they change.
class DeviceWatch final : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    watching_.declare(app);
    app.add_option("--match", match_, "Only identities like this; * stands for anything")
        ->type_name("PATTERN");
    app.add_option("--count", count_, "At most so many, the worst [100, or what the screen holds]")
        ->check(CLI::Range(std::size_t{1}, kMaxCount).description(""))
        ->type_name("N");
    add_json(app, console);
    connection_.declare(app);
    app.footer(
        "At a terminal: worst first, what has changed since the last look marked with * (new),\n"
        "+ (better), - (worse) or ! (standing); Ctrl-C ends. Elsewhere a line for each change:\n"
        "time, identity, level, score, standing, kid; with --json an object for each look.");
  }

  int run(const Console& console) override {
    watching_.command = [this] { return command(); };
    watching_.screen = make_level_screen;
    watching_.lines = make_level_lines;
    watching_.table = [](const Json& data) { return table_of(read_levels(data)); };
    return watching_.run(console, connection_);
  }

 private:
  [[nodiscard]] Json command() const {
    const std::size_t rows = watching_.once() ? 0 : Screen::size().rows;
    const std::size_t count = std::min(std::max(kUsualCount, rows), kMaxCount);
    Json out{{"command", "listLevels"}, {"count", count_ == 0 ? count : count_}};
    if (!match_.empty()) {
      out["match"] = match_;
    }
    return out;
  }

  Watching watching_;
  std::string match_;
  std::size_t count_ = 0;
  Connection connection_;
};

}  // namespace

std::unique_ptr<Command> make_device_watch() { return std::make_unique<DeviceWatch>(); }

}  // namespace countersign::cli
