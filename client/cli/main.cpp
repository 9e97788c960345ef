// countersign: the command line. Every command is a row of a table; results go to stdout, words
// about them to stderr.

#include <CLI/CLI.hpp>
#include <array>
#include <exception>
#include <vector>

#include "command.hpp"

namespace countersign::cli {
namespace {

constexpr const char* kAbout = "Signed MQTT messages, judged by a stock Mosquitto.";
constexpr const char* kFooter =
    "Exit codes: 0 yes, 1 no (refused, invalid), 2 usage, 3 card or reader, 4 network or broker,\n"
    "5 file or configuration. countersign <command> --help explains each; so does countersign(1).";

struct Noun {
  std::string_view name;
  std::string_view what;
  std::span<const Entry> (*commands)();
};

/// In the order of the help. A noun without words has no verbs.
constexpr std::array kNouns{
    Noun{"", "", setup_commands},
    Noun{"card", "Smart cards: whose they are, their PINs", card_commands},
    Noun{"key", "Software keys", key_commands},
    Noun{"", "", login_commands},
    Noun{"", "", publish_commands},
    Noun{"", "", subscribe_commands},
    Noun{"command", "Commands to devices, whose words are never sent", command_commands},
    Noun{"device", "Identities the broker knows (as administrator)", device_commands},
    Noun{"token", "Enrolment tokens: each lets one device register (as administrator)",
         token_commands},
    Noun{"session", "Sessions that live (as administrator)", session_commands},
    Noun{"", "", metrics_commands},
    Noun{"", "", agent_commands},
    Noun{"config", "The plugin's configuration", config_commands},
    Noun{"", "", doctor_commands},
};

/// CLI11 begins its sentences with a capital.
std::string lower_case(std::string text) {
  if (text.size() > 1 && text[0] >= 'A' && text[0] <= 'Z' && (text[1] >= 'a' || text[1] == ' ')) {
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  }
  return printable(text);
}

/// Leaves out what options exclude and need: the descriptions say so where it matters.
class PlainHelp final : public CLI::Formatter {
 public:
  std::string make_option_opts(const CLI::Option* option) const override {
    std::string out;
    if (option->get_type_size() != 0) {
      out += option->get_type_name().empty() ? "" : " " + option->get_type_name();
      out += option->get_default_str().empty() ? "" : "=" + option->get_default_str();
      out += option->get_required() ? " (required)" : "";
    }
    return out;
  }
};

/// The command line as CLI11 knows it, with the command that was chosen.
class CommandLine {
 public:
  explicit CommandLine(Console& console) : console_{console} {
    app_.set_help_flag("-h,--help", "Print this help and exit");
    app_.set_version_flag("--version", std::string{COUNTERSIGN_VERSION},
                          "Print the version and exit");
    app_.formatter(std::make_shared<PlainHelp>());
    app_.footer(kFooter);
    app_.require_subcommand(1);
    for (const Noun& noun : kNouns) {
      add(noun);
    }
  }

  /// \returns the exit code.
  int run(int argc, char** argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::Success& asked) {
      return app_.exit(asked);
    } catch (const CLI::ParseError& error) {
      return console_.fail({.fault = client::Fault::usage,
                            .text = complaint(error),
                            .hint = "try: " + path() + " --help"});
    }
    return chosen_->run(console_);
  }

 private:
  void add(const Noun& noun) {
    CLI::App* parent = &app_;
    if (!noun.name.empty()) {
      parent = app_.add_subcommand(std::string{noun.name}, std::string{noun.what});
      parent->require_subcommand(1);
    }
    for (const Entry& entry : noun.commands()) {
      add(*parent, entry);
    }
  }

  void add(CLI::App& parent, const Entry& entry) {
    CLI::App& app = *parent.add_subcommand(std::string{entry.name}, std::string{entry.what});
    commands_.push_back(entry.make());
    Command* const command = commands_.back().get();
    command->declare(app, console_);
    app.callback([this, command] { chosen_ = command; });
  }

  /// CLI11 misses a command before it says that it does not know the one that is there.
  [[nodiscard]] std::string complaint(const CLI::ParseError& error) const {
    const std::vector<std::string> unknown = app_.remaining(true);
    const bool misses_command = std::string_view{error.what()}.starts_with("A subcommand");
    return misses_command && !unknown.empty() && !unknown.front().starts_with('-')
               ? "there is no command " + printable(unknown.front())
               : lower_case(error.what());
  }

  /// As far as the command was understood.
  [[nodiscard]] std::string path() const {
    std::string words = "countersign";
    for (const CLI::App* app = &app_; !app->get_subcommands().empty();) {
      app = app->get_subcommands().front();
      words += " " + app->get_name();
    }
    return words;
  }

  Console& console_;
  CLI::App app_{kAbout, "countersign"};
  std::vector<std::unique_ptr<Command>> commands_;
  Command* chosen_ = nullptr;
};

int run(int argc, char** argv) {
  Console console;
  const int code = CommandLine{console}.run(argc, argv);
  if (!console.writable()) {
    return console.fail({.fault = client::Fault::file, .text = "cannot write to standard output"});
  }
  return code;
}

}  // namespace
}  // namespace countersign::cli

int main(int argc, char** argv) {
  try {
    return countersign::cli::run(argc, argv);
  } catch (const std::exception& error) {
    return countersign::cli::Console{}.fail({.fault = countersign::client::Fault::file,
                                             .text = std::string{"unexpected: "} + error.what()});
  }
}
