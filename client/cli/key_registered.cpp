#include <CLI/CLI.hpp>
#include <array>

#include "command.hpp"
#include "new_file.hpp"
#include "options.hpp"
#include "registration.hpp"

namespace countersign::cli {
namespace {

/// The key file of a device that RegServ registered.
class KeyFromRegistration final : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    app.add_option("--reply", reply_, "What RegServ answered, JSON; - for stdin")
        ->type_name("FILE")
        ->required();
    app.add_option("--data", data_,
                   "What was registered: name=value words, or a file of JSON, - for stdin")
        ->type_name("FILE|NAME=VALUE ...")
        ->required();
    app.add_option("-o,--out", path_, "Where to write it [IDENTITY.key]")->type_name("FILE");
    add_choice<1>(app, "--suite", suite_, kSuiteNames, "1 X25519, 2 symmetric; kept in the file");
    add_json(app, console);
    app.footer("Delete the reply afterwards: whoever has both is the device.");
  }

  int run(const Console& console) override {
    if (const client::Status free = check_new_file(path_, "--out"); !free) {
      return console.fail(free.why());
    }
    auto key = make();
    if (!key) {
      return console.fail(key.why());
    }
    key->suite = suite_;
    const auto path = write_registered_key(path_, *key);
    if (!path) {
      return console.fail(path.why());
    }
    const std::string identity{key->identity.text()};
    if (console.json) {
      console.print({{"identity", identity}, {"file", *path}});
      return 0;
    }
    console.line("made " + *path + ", the key of " + identity);
    console.hint("countersign login --key-file " + *path + " tries it");
    return 0;
  }

 private:
  static constexpr std::array<std::string_view, 2> kSuiteNames{"1", "2"};

  client::Outcome<client::KeyFile> make() const {
    if (reply_ == "-" && data_ == std::vector<std::string>{"-"}) {
      return client::Error{.fault = client::Fault::usage,
                           .text = "reply and device data cannot both come from stdin",
                           .hint = "name a file for one of them"};
    }
    const auto data = read_device_data(data_);
    if (!data) {
      return data.why();
    }
    auto reply = read_json(reply_);
    if (!reply) {
      return reply.why();
    }
    auto key = registered_key(*reply, *data);
    wipe_secrets(*reply);
    return key;
  }

  std::string reply_;
  std::vector<std::string> data_;
  std::string path_;
  Suite suite_ = Suite::x25519;
};

}  // namespace

std::unique_ptr<Command> make_key_from_registration() {
  return std::make_unique<KeyFromRegistration>();
}

}  // namespace countersign::cli
