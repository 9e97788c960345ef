#include <CLI/CLI.hpp>
#include <array>

#include "admin.hpp"
#include "command.hpp"
#include "device_text.hpp"
#include "options.hpp"

namespace countersign::cli {
namespace {

/// Sessions that live.
class SessionList final : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    app.add_option("IDENTITY", identity_, "Whose alone")->type_name("");
    add_json(app, console);
    connection_.declare(app);
  }

  int run(const Console& console) override {
    auto admin = Admin::login(connection_);
    if (!admin) {
      return console.fail(admin.why());
    }
    Json command{{"command", "listSessions"}};
    if (!identity_.empty()) {
      command["identity"] = identity_;
    }
    const auto data = admin->run(command);
    if (!data) {
      return console.fail(data.why());
    }
    if (console.json) {
      console.print(*data);
      return 0;
    }
    for (const std::string& line : aligned(session_table(member(*data, "sessions")))) {
      console.line(line);
    }
    return 0;
  }

 private:
  std::string identity_;
  Connection connection_;
};

/// The owner must shake hands again.
class SessionEnd final : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    app.add_option("IDENTITY", identity_, "Whose")->type_name("")->required();
    app.add_option("--kid", kid_, "Which [all of them]")
        ->check(CLI::Range(1, 16383).description(""))
        ->type_name("N");
    add_json(app, console);
    connection_.declare(app);
  }

  int run(const Console& console) override {
    auto admin = Admin::login(connection_);
    if (!admin) {
      return console.fail(admin.why());
    }
    Json command{{"command", "endSession"}, {"identity", identity_}};
    if (kid_ != 0) {
      command["kid"] = kid_;
    }
    if (const auto done = admin->run(command); !done) {
      return console.fail(done.why());
    }
    if (console.json) {
      console.print({{"identity", identity_}, {"done", "endSession"}});
    } else {
      console.line(printable(identity_) + ": " +
                   (kid_ == 0 ? "every session" : "session " + std::to_string(kid_)) + " ended");
    }
    return 0;
  }

 private:
  std::string identity_;
  unsigned kid_ = 0;
  Connection connection_;
};

/// What the plugin counted since it started.
class Metrics final : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    add_json(app, console);
    connection_.declare(app);
  }

  int run(const Console& console) override {
    auto admin = Admin::login(connection_);
    if (!admin) {
      return console.fail(admin.why());
    }
    const auto data = admin->run({{"command", "getMetrics"}});
    if (!data) {
      return console.fail(data.why());
    }
    if (console.json) {
      console.print(*data);
      return 0;
    }
    for (const std::string& line : aligned(rows_of(*data, ""))) {
      console.line(line);
    }
    return 0;
  }

 private:
  static std::vector<Row> rows_of(const Json& object, const std::string& before) {
    std::vector<Row> rows;
    for (const auto& [key, value] : object.items()) {
      if (!value.is_object()) {
        rows.push_back({before + printable(key), plain_text(value)});
        continue;
      }
      for (Row& row : rows_of(value, before + printable(key) + ".")) {
        rows.push_back(std::move(row));
      }
    }
    return rows;
  }

  Connection connection_;
};

constexpr std::array kSession{
    Entry{"list", "List the sessions that live", make_command<SessionList>},
    Entry{"end", "End sessions: their owner must shake hands again", make_command<SessionEnd>},
};
constexpr std::array kMetrics{
    Entry{"metrics", "Show what the plugin counted", make_command<Metrics>},
};

}  // namespace

std::span<const Entry> session_commands() { return kSession; }
std::span<const Entry> metrics_commands() { return kMetrics; }

}  // namespace countersign::cli
