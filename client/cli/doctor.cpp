#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "command.hpp"
#include "doctor/checks.hpp"
#include "offline.hpp"
#include "options.hpp"

namespace countersign::cli {
namespace {

std::string text_of(const Place& place) {
  return place.line == 0 ? place.file : place.file + ":" + std::to_string(place.line);
}

/// Reads the broker's configuration and ours, and says what in them bites.
class Doctor final : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    add_json(app, console);
    app.add_option("-b,--broker-config", broker_config_, "The broker's mosquitto.conf")
        ->capture_default_str();
    app.add_option(
        "-c,--config", config_,
        "countersign.toml [what plugin_opt_config says, or " + std::string{kConfigFile} + "]");
    app.footer("Exit code 1: something would break security or operation.");
  }

  int run(const Console& console) override {
    const auto conf = read_mosquitto_conf(broker_config_);
    if (!conf) {
      return console.fail(conf.why());
    }
    find_config(*conf);
    const Defaults defaults = derive_defaults(*conf);
    const Findings findings = examine(*conf, defaults);
    const bool ok = std::none_of(findings.begin(), findings.end(), [](const Finding& finding) {
      return finding.severity == Severity::error;
    });
    if (console.json) {
      print(console, findings, defaults, ok);
    } else {
      report(console, *conf, findings, defaults, ok);
    }
    return ok ? 0 : client::exit_code(client::Fault::refused);
  }

 private:
  void find_config(const MosquittoConf& conf) {
    if (config_.empty()) {
      const BrokerPlugin* const ours = conf.ours();
      const Setting* const set = ours == nullptr ? nullptr : ours->options.find("config");
      config_ = set == nullptr ? kConfigFile : set->value;
    }
  }

  Findings examine(const MosquittoConf& conf, const Defaults& defaults) const {
    Findings out;
    check_plugin(conf, defaults, out);
    check_version(out);
    check_broker(conf, out);
    check_listeners(conf, out);
    const auto settings = config::load_settings(config_);
    if (settings) {
      check_agreement(conf, *settings, config_, out);
      check_files(conf, *settings, config_, out);
    } else {
      const config::ConfigError& why = settings.why();
      out.push_back({Severity::error, {why.file, why.line}, why.message, why.hint});
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const Finding& a, const Finding& b) { return a.severity < b.severity; });
    return out;
  }

  static void print(const Console& console, const Findings& findings, const Defaults& defaults,
                    bool ok) {
    Json list = Json::array();
    for (const Finding& finding : findings) {
      list.push_back({{"severity", kSeverityNames[static_cast<std::size_t>(finding.severity)]},
                      {"file", finding.place.file},
                      {"line", finding.place.line},
                      {"text", finding.text},
                      {"hint", finding.hint}});
    }
    console.print({{"ok", ok},
                   {"findings", list},
                   {"aclDefault", defaults.acl.value},
                   {"authDefault", defaults.auth.value}});
  }

  void report(const Console& console, const MosquittoConf& conf, const Findings& findings,
              const Defaults& defaults, bool ok) const {
    for (const Finding& finding : findings) {
      const std::string_view severity = kSeverityNames[static_cast<std::size_t>(finding.severity)];
      console.line(
          printable(std::string{severity} + ": " + text_of(finding.place) + ": " + finding.text));
      if (!finding.hint.empty()) {
        console.line(printable("  " + finding.hint));
      }
    }
    console.line("");
    console.line("the lines for mosquitto.conf:");
    console.line("plugin " +
                 (conf.ours() == nullptr ? COUNTERSIGN_PLUGIN_PATH : conf.ours()->path));
    console.line("plugin_opt_config " + config_);
    console.line("plugin_opt_acl_default " + defaults.acl.value);
    console.line("plugin_opt_auth_default " + defaults.auth.value);
    console.line("");
    console.line(ok ? "nothing here breaks security or operation"
                    : "what is called error breaks security or operation");
  }

  std::string broker_config_ = "/etc/mosquitto/mosquitto.conf";
  std::string config_;
};

constexpr std::array kCommands{
    Entry{"doctor", "Read the broker's configuration and say what in it bites",
          make_command<Doctor>},
};

}  // namespace

std::span<const Entry> doctor_commands() { return kCommands; }

}  // namespace countersign::cli
