#include <CLI/CLI.hpp>

#include "admin.hpp"
#include "command.hpp"
#include "options.hpp"
#include "particulars.hpp"
#include "password_input.hpp"

namespace countersign::cli {
namespace {

/// Makes a device known that can do no more than log in with a password.
class RegisterLegacy final : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    app.add_option("IDENTITY", identity_, "Its user name")->type_name("")->required();
    password_.declare(app);
    particulars_.declare_roles(app, "A role for it; may be repeated");
    particulars_.declare_label(app, "Words to find it by");
    add_json(app, console);
    connection_.declare(app);
    app.footer(
        "What it publishes is unsigned: rules take it only with level = \"AUTH1\", and "
        "subscribers\n"
        "see it with level AUTH1 and score 0.");
  }

  int run(const Console& console) override {
    const auto password = password_.ask_new("password of " + printable(identity_));
    if (!password) {
      return console.fail(password.why());
    }
    auto admin = Admin::login(connection_);
    if (!admin) {
      return console.fail(admin.why());
    }
    Json command{{"command", "registerDevice"}, {"identity", identity_}, {"kind", "legacy"}};
    particulars_.add_to(command);
    if (const auto done = admin->run(command, "password", *password); !done) {
      return console.fail(done.why());
    }
    if (console.json) {
      console.print({{"identity", identity_}, {"done", "registerDevice"}});
    } else {
      console.line(printable(identity_) + " is registered; it logs in with its password");
    }
    return 0;
  }

 private:
  std::string identity_;
  PasswordInput password_;
  Particulars particulars_;
  Connection connection_;
};

}  // namespace

std::unique_ptr<Command> make_device_register_legacy() {
  return std::make_unique<RegisterLegacy>();
}

}  // namespace countersign::cli
