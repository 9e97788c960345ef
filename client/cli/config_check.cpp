#include <CLI/CLI.hpp>
#include <array>

#include "command.hpp"
#include "config/explain.hpp"
#include "config/settings.hpp"
#include "offline.hpp"
#include "options.hpp"

namespace countersign::cli {
namespace {

constexpr std::array<std::string_view, 3> kActionNames{"publish", "subscribe", "read"};

/// Is this configuration valid, and what would its rules decide?
class ConfigCheck final : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    app.add_option("FILE", file_, "countersign.toml, - for standard input")
        ->type_name("")
        ->capture_default_str();
    add_json(app, console);
    app.add_option("-t,--topic", topic_, "Ask about this topic (a filter for subscribe)")
        ->type_name("TOPIC");
    add_choice(app, "--action", action_, kActionNames, "What somebody wants to do");
    app.add_option("-i,--identity", identity_, "Who; without it a connection that nobody knows")
        ->type_name("ID");
    add_choice(app, "--kind", kind_, kKindNames, "What the identity is");
    add_choice(app, "--level", level_, kLevelNames, "How far it is trusted");
    app.add_option("--role", roles_, "A role it has; may be repeated")
        ->expected(1)
        ->take_all()
        ->type_name("ROLE");
  }

  int run(const Console& console) override {
    const auto settings = load();
    if (!settings) {
      return console.fail(settings.why());
    }
    return topic_.empty() ? approve(console, *settings) : decide(console, *settings);
  }

 private:
  client::Outcome<config::Settings> load() const {
    if (file_ == "-") {
      const std::string text{std::istreambuf_iterator<char>{std::cin}, {}};
      return of(config::parse_settings(text, "standard input"));
    }
    return of(config::load_settings(file_));
  }

  static client::Outcome<config::Settings> of(config::Parsed<config::Settings> parsed) {
    if (!parsed) {
      return error_of(parsed.why());
    }
    return std::move(*parsed);
  }

  int approve(const Console& console, const config::Settings& settings) const {
    const std::size_t rules = settings.rules.rules().size();
    if (console.json) {
      console.print({{"valid", true}, {"serverId", settings.server_id}, {"rules", rules}});
    } else {
      console.line(file_ + ": valid, server " + settings.server_id + ", " + std::to_string(rules) +
                   (rules == 1 ? " rule" : " rules") + " and a default");
    }
    return 0;
  }

  int decide(const Console& console, const config::Settings& settings) const {
    const config::Party party{
        .identity = identity_, .kind = kind_, .level = level_, .roles = roles_};
    const auto answer = config::explain(settings, party, action_, topic_);
    if (console.json) {
      console.print(
          {{"allowed", answer.allowed}, {"rule", answer.rule}, {"reasons", answer.reasons}});
    } else {
      console.line(answer.allowed ? "allowed" : "refused");
      for (const std::string& reason : answer.reasons) {
        console.line("  " + printable(reason));
      }
    }
    return answer.allowed ? 0 : client::exit_code(client::Fault::refused);
  }

  std::string file_ = kConfigFile;
  std::string topic_;
  std::string identity_;
  config::Action action_ = config::Action::publish;
  Kind kind_ = Kind::device;
  Level level_ = Level::auth2;
  std::vector<std::string> roles_;
};

constexpr std::array kCommands{
    Entry{"check", "Check a configuration, or ask what its rules would decide",
          make_command<ConfigCheck>},
};

}  // namespace

std::span<const Entry> config_commands() { return kCommands; }

}  // namespace countersign::cli
