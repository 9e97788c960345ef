#include <CLI/CLI.hpp>

#include "account_importer.hpp"
#include "command.hpp"
#include "options.hpp"
#include "particulars.hpp"
#include "text_file.hpp"

namespace countersign::cli {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{64} << 20U;

Json json_of(const std::vector<Skipped>& all) {
  Json out = Json::array();
  for (const Skipped& one : all) {
    out.push_back({{"identity", one.name}, {"why", one.why}});
  }
  return out;
}

/// Takes over who logs in with a password, from what Mosquitto itself or its dynamic security
/// plugin knows of them.
class DeviceImport final : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    auto* const passwords =
        app.add_option("--password-file", password_file_, "Mosquitto's password_file; - for stdin")
            ->type_name("FILE");
    auto* const dynamic = app.add_option("--dynamic-security", dynamic_file_,
                                         "The file of its dynamic security plugin; - for stdin")
                              ->type_name("FILE")
                              ->excludes(passwords);
    app.add_flag("--keep-roles", keep_roles_,
                 "Give them roles of the names they have there, but never admin or registrar")
        ->needs(dynamic);
    particulars_.declare_roles(app, "A role for all of them; may be repeated");
    app.add_flag("--dry-run", dry_, "Only say what would be done");
    add_json(app, console);
    connection_.declare(app);
    app.footer(
        "They become compatibility devices; hashes stay as they are. Who cannot be taken is "
        "listed\n"
        "with the reason. Exit code 1: the broker refused one.");
  }

  int run(const Console& console) override {
    auto accounts = read();
    if (!accounts) {
      return console.fail(accounts.why());
    }
    for (Account& account : accounts->taken) {
      settle_roles(account);
    }
    auto admin = Admin::login(connection_);
    if (!admin) {
      return console.fail(admin.why());
    }
    ImportReport report{.imported = {}, .skipped = std::move(accounts->skipped), .refused = {}};
    const client::Status done = AccountImporter{*admin, dry_}.run(accounts->taken, report);
    show(console, report);
    if (!done) {
      return console.fail(with_hint(done.why()));
    }
    return report.refused.empty() ? 0 : client::exit_code(client::Fault::refused);
  }

 private:
  [[nodiscard]] client::Outcome<Accounts> read() const {
    const bool dynamic = !dynamic_file_.empty();
    const std::string& path = dynamic ? dynamic_file_ : password_file_;
    if (path.empty()) {
      return client::Error{.fault = client::Fault::usage,
                           .text = "nothing to import",
                           .hint = "--password-file FILE or --dynamic-security FILE"};
    }
    const auto text = read_text_file(path, kMaxFileBytes);
    if (!text) {
      return text.why();
    }
    return dynamic ? read_dynamic_security(*text) : read_password_file(*text);
  }

  void settle_roles(Account& account) const {
    if (!keep_roles_) {
      account.roles.clear();
    }
    for (const std::string& role : particulars_.roles) {
      std::erase(account.roles, role);
      account.roles.push_back(role);
    }
  }

  static client::Error with_hint(client::Error why) {
    if (why.hint.empty()) {
      why.hint = "what is listed is done; the same command again does the rest";
    }
    return why;
  }

  void show(const Console& console, const ImportReport& report) const {
    if (console.json) {
      Json result{{"imported", report.imported},
                  {"skipped", json_of(report.skipped)},
                  {"refused", json_of(report.refused)}};
      if (dry_) {
        result["dryRun"] = true;
      }
      console.print(result);
      return;
    }
    for (const Skipped& one : report.skipped) {
      console.line("skipped " + printable(one.name) + ": " + one.why);
    }
    for (const Skipped& one : report.refused) {
      console.line("refused " + printable(one.name) + ": " + printable(one.why));
    }
    console.line(std::to_string(report.imported.size()) + (dry_ ? " to import, " : " imported, ") +
                 std::to_string(report.skipped.size()) + " skipped, " +
                 std::to_string(report.refused.size()) + " refused");
  }

  std::string password_file_;
  std::string dynamic_file_;
  bool keep_roles_ = false;
  bool dry_ = false;
  Particulars particulars_;
  Connection connection_;
};

}  // namespace

std::unique_ptr<Command> make_device_import() { return std::make_unique<DeviceImport>(); }

}  // namespace countersign::cli
