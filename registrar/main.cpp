// countersign-registrar: MFA_R's RegServ over HTTPS, a thin face on the administration topic.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "registrar/authority.hpp"
#include "registrar/note.hpp"
#include "registrar/service.hpp"

namespace countersign::registrar {
namespace {

constexpr const char* kFooter =
    "Exit codes: 0 yes, 2 usage, 4 network, 5 file or configuration. See docs/registrar.md.";

int fail(const client::Error& why) {
  note(why.text);
  if (!why.hint.empty()) {
    note("hint: " + why.hint);
  }
  return client::exit_code(why.fault);
}

int print_admin_token() {
  const auto made = make_admin_token();
  if (!made) {
    return fail({.fault = client::Fault::file, .text = "the system gives no random bytes"});
  }
  // once: the configuration holds the hash alone
  const bool printed = std::printf("%s\nadmin_token_hashes = [\"%s\"]\n", made->token.c_str(),
                                   made->hash.c_str()) > 0 &&
                       std::fflush(stdout) == 0;
  return printed ? 0
                 : fail({.fault = client::Fault::file, .text = "cannot write to standard output"});
}

int check(const Settings& settings, const std::string& path) {
  if (const auto fine = check_service(settings); !fine) {
    return fail(fine.why());
  }
  std::printf("%s: fine\n", path.c_str());
  return 0;
}

int run(int argc, char** argv) {
  CLI::App app{"Registers devices over HTTPS, for a Mosquitto with Countersign.",
               "countersign-registrar"};
  std::string path;
  bool only_check = false;
  app.set_help_flag("-h,--help", "Print this help and exit");
  app.set_version_flag("--version", std::string{COUNTERSIGN_VERSION}, "Print the version and exit");
  app.add_option("--config", path, "The configuration, TOML")->type_name("FILE");
  app.add_flag("--check", only_check, "Check the configuration and the files it names, and exit");
  app.footer(kFooter);
  const CLI::App* const token = app.add_subcommand(
      "make-admin-token", "Print a new administrator's token, and its line for the configuration");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    return fail({.fault = client::Fault::usage,
                 .text = error.what(),
                 .hint = "try: countersign-registrar --help"});
  }
  if (token->parsed()) {
    return print_admin_token();
  }
  if (path.empty()) {
    return fail({.fault = client::Fault::usage,
                 .text = "no configuration",
                 .hint = "countersign-registrar --config FILE"});
  }
  const auto settings = load_settings(path);
  if (!settings) {
    return fail(settings.why());
  }
  return only_check ? check(*settings, path) : run_service(*settings, path);
}

}  // namespace
}  // namespace countersign::registrar

int main(int argc, char** argv) {
  try {
    return countersign::registrar::run(argc, argv);
  } catch (const std::exception& error) {
    countersign::registrar::note(std::string{"unexpected: "} + error.what());
    return 5;
  }
}
