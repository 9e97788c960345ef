#include <CLI/CLI.hpp>

#include "admin.hpp"
#include "command.hpp"
#include "countersign/client/key_file.hpp"
#include "device_data.hpp"
#include "hints.hpp"
#include "options.hpp"

namespace countersign::cli {
namespace {

/// Brings the key of a key file to the broker, sealed.
class BringKey : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    auto* const key =
        app.add_option("KEY", path_, "Its key file, from key new or card personalise --key-out")
            ->type_name("FILE");
    auto* const card =
        app.add_option("--card-uid", card_uid_, "The key is on the card with this UID")
            ->type_name("UID");
    add_json(app, console);
    declare_more(app, *key, *card);
    connection_.declare(app);
  }

  int run(const Console& console) override {
    if (path_.empty()) {
      return console.fail({.fault = client::Fault::usage,
                           .text = "no key file and no device data",
                           .hint = "KEY, from countersign key new, or --data"});
    }
    const auto key = client::read_key_file(path_);
    if (!key) {
      return console.fail(key_file_error(key.why()));
    }
    if (key->method != client::Method::aplus) {
      return console.fail({.fault = client::Fault::usage,
                           .text = path_ + " came out of a registration: the broker knows it",
                           .hint = "another registration makes another: device register --data"});
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

 protected:
  [[nodiscard]] const Connection& connection() const { return connection_; }

 private:
  virtual void declare_more(CLI::App& app, CLI::Option& key, CLI::Option& card) = 0;
  [[nodiscard]] virtual Json command_for(const client::KeyFile& key) const = 0;
  [[nodiscard]] virtual std::string done_text() const = 0;

  std::string path_;
  std::string card_uid_;
  Connection connection_;
};

class Register final : public BringKey {
 public:
  int run(const Console& console) override {
    return data_.asked() ? data_.run(console, connection(), particulars_) : BringKey::run(console);
  }

 private:
  void declare_more(CLI::App& app, CLI::Option& key, CLI::Option& card) override {
    particulars_.declare_roles(app, "A role for it; may be repeated");
    particulars_.declare_label(app, "Words to find it by");
    data_.declare(app)->excludes(&key)->excludes(&card);
    app.footer(
        "By KEY, or by --data: then the broker makes the key, which is shown once. It goes into a\n"
        "key file, or with --json and without --out to standard output, secrets and all.");
  }

  Json command_for(const client::KeyFile& key) const override {
    Json command{{"command", "registerDevice"},
                 {"identity", key.identity.text()},
                 {"kind", name_of(key.kind)}};
    particulars_.add_to(command);
    return command;
  }

  std::string done_text() const override { return " is registered"; }

  Particulars particulars_;
  DataRegistration data_;
};

class Rekey final : public BringKey {
  void declare_more(CLI::App&, CLI::Option& key, CLI::Option&) override { key.required(); }

  Json command_for(const client::KeyFile& key) const override {
    return {{"command", "rekeyDevice"}, {"identity", key.identity.text()}};
  }

  std::string done_text() const override { return " has a new key; its sessions are over"; }
};

}  // namespace

std::unique_ptr<Command> make_device_register() { return std::make_unique<Register>(); }
std::unique_ptr<Command> make_device_rekey() { return std::make_unique<Rekey>(); }

}  // namespace countersign::cli
