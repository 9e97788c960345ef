// countersign-flash: for who makes devices. It writes the flash of a new one, and says what is in
// the flash of one that ran.

#include <array>
#include <exception>

#include "tools/command.hpp"

namespace countersign::mcu::tools {
namespace {

constexpr const char* kAbout = "Provisions the flash of a device, and says what is in it.";
constexpr const char* kFooter =
    "Exit codes: 0 yes, 2 usage, 5 file. See countersign-flash(1) and docs/mcu.md.";

int run_chosen(CLI::App& app, int argc, char** argv, Console& console) {
  const std::array commands{make_provision(), make_inspect(), make_readings()};
  std::array<CLI::App*, commands.size()> places{};
  for (std::size_t i = 0; i < commands.size(); ++i) {
    places[i] = commands[i]->declare(app, console);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    return console.fail({.fault = client::Fault::usage,
                         .text = error.what(),
                         .hint = "try: countersign-flash --help"});
  }
  for (std::size_t i = 0; i < commands.size(); ++i) {
    if (places[i]->parsed()) {
      return commands[i]->run(console);
    }
  }
  return client::exit_code(client::Fault::usage);
}

int run(int argc, char** argv) {
  Console console;
  CLI::App app{kAbout, "countersign-flash"};
  app.set_help_flag("-h,--help", "Print this help and exit");
  app.set_version_flag("--version", std::string{COUNTERSIGN_VERSION}, "Print the version and exit");
  app.footer(kFooter);
  app.require_subcommand(1);
  const int code = run_chosen(app, argc, argv, console);
  if (!console.writable()) {
    return console.fail({.fault = client::Fault::file, .text = "cannot write to standard output"});
  }
  return code;
}

}  // namespace
}  // namespace countersign::mcu::tools

int main(int argc, char** argv) {
  using countersign::mcu::tools::Console;
  try {
    return countersign::mcu::tools::run(argc, argv);
  } catch (const std::exception& error) {
    return Console{}.fail({.fault = countersign::client::Fault::file,
                           .text = std::string{"unexpected: "} + error.what()});
  }
}
