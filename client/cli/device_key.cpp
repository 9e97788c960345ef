#include <CLI/CLI.hpp>

#include "admin.hpp"
#include "command.hpp"
#include "countersign/client/key_file.hpp"
#include "hints.hpp"
#include "options.hpp"

namespace countersign::cli {
namespace {

/// Brings the key of a key file to the broker, sealed.
class BringKey : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    app.add_option("KEY", path_, "Its key file, from key new or card personalise --key-out")
        ->type_name("FILE")
        ->required();
    app.add_option("--card-uid", card_uid_, "The key is on the card with this UID")
        ->type_name("UID");
    add_json(app, console);
    declare_more(app);
    connection_.declare(app);
  }

  int run(const Console& console) override {
    const auto key = client::read_key_file(path_);
    if (!key) {
      return console.fail(key_file_error(key.why()));
    }
    auto admin = Admin::login(connection_);
    if (!admin) {
      return console.fail(admin.why());
    }
    Json command = command_for(*key);
    if (!card_uid_.empty()) {
      command["card"] = card_uid_;
    }
    if (const auto done = admin->run(command, &key->key); !done) {
      return console.fail(done.why());
    }
    const std::string identity{key->identity.text()};
    if (console.json) {
      console.print({{"identity", identity}, {"done", command["command"]}});
    } else {
      console.line(identity + done_text());
    }
    return 0;
  }

 private:
  virtual void declare_more(CLI::App&) {}
  [[nodiscard]] virtual Json command_for(const client::KeyFile& key) const = 0;
  [[nodiscard]] virtual std::string done_text() const = 0;

  std::string path_;
  std::string card_uid_;
  Connection connection_;
};

class Register final : public BringKey {
  void declare_more(CLI::App& app) override {
    app.add_option("--role", roles_, "A role for it; may be repeated")
        ->type_name("ROLE")
        ->expected(1)
        ->take_all();
    app.add_option("--label", label_, "Words to find it by")->type_name("TEXT");
  }

  Json command_for(const client::KeyFile& key) const override {
    Json command{{"command", "registerDevice"},
                 {"identity", key.identity.text()},
                 {"kind", name_of(key.kind)}};
    if (!roles_.empty()) {
      command["roles"] = roles_;
    }
    if (!label_.empty()) {
      command["label"] = label_;
    }
    return command;
  }

  std::string done_text() const override { return " is registered"; }

  std::vector<std::string> roles_;
  std::string label_;
};

class Rekey final : public BringKey {
  Json command_for(const client::KeyFile& key) const override {
    return {{"command", "rekeyDevice"}, {"identity", key.identity.text()}};
  }

  std::string done_text() const override { return " has a new key; its sessions are over"; }
};

}  // namespace

std::unique_ptr<Command> make_device_register() { return std::make_unique<Register>(); }
std::unique_ptr<Command> make_device_rekey() { return std::make_unique<Rekey>(); }

}  // namespace countersign::cli
