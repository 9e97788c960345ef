#include <CLI/CLI.hpp>
#include <array>

#include "command.hpp"
#include "countersign/client/key_file.hpp"
#include "options.hpp"

namespace countersign::cli {
namespace {

/// A new software key, in a file of its own.
class KeyNew final : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    app.add_option("IDENTITY", identity_, "Who it will be: 1-64 of A-Z a-z 0-9 . _ -")->required();
    app.add_option("-o,--output", path_, "Where to write it [IDENTITY.key]")->type_name("FILE");
    add_key_kind(app, kind_, "What it will be");
    app.add_option("--server-id", server_id_, "The server it is for, kept in the file")
        ->type_name("ID");
    add_choice<1>(app, "--suite", suite_, kSuiteNames, "1 X25519, 2 symmetric; kept in the file");
    add_json(app, console);
    app.footer("The key is in the file alone, which only you can read. A card is safer.");
  }

  int run(const Console& console) override {
    if (!server_id_.empty() && !is_identity(server_id_)) {
      return console.fail({.fault = client::Fault::usage,
                           .text = "--server-id: " + server_id_ + " is no identity",
                           .hint = "1-64 of A-Z a-z 0-9 . _ -"});
    }
    auto key = client::make_key(identity_, kind_);
    if (!key) {
      return console.fail(key.why());
    }
    key->server_id = server_id_;
    key->suite = suite_;
    const std::string path = path_.empty() ? identity_ + ".key" : path_;
    if (const client::Status written = client::create_key_file(path, *key); !written) {
      client::Error why = written.why();
      why.hint = why.hint.empty() ? "is its folder there, and may you write in it?" : why.hint;
      return console.fail(why);
    }
    if (console.json) {
      console.print({{"identity", identity_}, {"kind", name_of(kind_)}, {"file", path}});
      return 0;
    }
    console.line("made " + path + ", a key for " + std::string{name_of(kind_)} + " " + identity_);
    console.hint("an administrator makes it known: countersign device register " + path);
    return 0;
  }

 private:
  static constexpr std::array<std::string_view, 2> kSuiteNames{"1", "2"};

  std::string identity_;
  std::string path_;
  Kind kind_ = Kind::device;
  std::string server_id_;
  Suite suite_ = Suite::x25519;
};

constexpr std::array kCommands{
    Entry{"new", "Make a software key in a file of its own", make_command<KeyNew>},
    Entry{"from-registration", "Make the key file of a device that RegServ registered",
          make_key_from_registration},
};

}  // namespace

std::span<const Entry> key_commands() { return kCommands; }

}  // namespace countersign::cli
