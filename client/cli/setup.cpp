#include <CLI/CLI.hpp>
#include <array>
#include <chrono>

#include "command.hpp"
#include "countersign/client/key_file.hpp"
#include "new_file.hpp"
#include "offline.hpp"
#include "options.hpp"
#include "store/setup.hpp"

namespace countersign::cli {
namespace {

Millis clock_now() {
  using std::chrono::milliseconds;
  return std::chrono::duration_cast<milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// Makes everything the plugin needs before its first start, offline.
class Setup final : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    add_json(app, console);
    app.add_option("-c,--config", options_.config,
                   "countersign.toml; a starter is written if there is none")
        ->capture_default_str();
    app.add_option("--server-id", options_.server_id,
                   "What this broker is called; needed for a new configuration");
    app.add_option("--state", options_.state_directory,
                   "Where a new configuration keeps its state [/var/lib/countersign]");
    app.add_option("--owner", options_.owner, "The user the broker runs as")->capture_default_str();
    app.add_option("--admin", options_.admin, "The administrator's identity")
        ->capture_default_str();
    app.add_option("-o,--admin-key", key_path_,
                   "Where to write the administrator's key file [<admin>.key]");
    app.add_flag("--recover", recover_,
                 "Broker stopped: add an administrator, or give one back, whatever locked it");
    app.footer("Keep the administrator's key file: whoever reads it administers the broker.");
  }

  int run(const Console& console) override {
    if (key_path_.empty()) {
      key_path_ = options_.admin + ".key";
    }
    // before anything is made: a key that cannot be written is a key that is lost
    if (const client::Status free = check_new_file(key_path_, "--admin-key"); !free) {
      return console.fail(free.why());
    }
    options_.now = clock_now();
    const auto made = recover_ ? store::recover(options_) : store::setup(options_);
    if (!made) {
      return console.fail(error_of(made.why()));
    }
    if (const client::Status written = write_key(*made); !written) {
      return console.fail({.fault = written.why().fault,
                           .text = written.why().text,
                           .hint = "the administrator exists, but has no key file: countersign "
                                   "setup --recover makes another"});
    }
    report(console, *made);
    return 0;
  }

 private:
  client::Status write_key(const store::SetupResult& made) const {
    return client::create_key_file(key_path_, {.identity = Identity{made.admin},
                                               .kind = Kind::admin,
                                               .key = client::LockedKey{made.k.bytes()},
                                               .epoch = 0,
                                               .server_id = made.server_id,
                                               .suite = Suite::x25519});
  }

  void report(const Console& console, const store::SetupResult& made) const {
    if (console.json) {
      console.print({{"serverId", made.server_id},
                     {"admin", made.admin},
                     {"adminKey", key_path_},
                     {"made", made.made}});
      return;
    }
    for (const std::string& path : made.made) {
      console.line("made " + path);
    }
    console.line("made " + key_path_ + ", the key of administrator " + made.admin + " of " +
                 made.server_id);
    if (!recover_) {
      console.hint("next, in mosquitto.conf: plugin " COUNTERSIGN_PLUGIN_PATH
                   " and plugin_opt_config " +
                   options_.config);
      console.hint("countersign doctor says what else to set there");
    }
  }

  store::SetupOptions options_{.config = kConfigFile,
                               .state_directory = {},
                               .server_id = {},
                               .admin = "admin",
                               .owner = "mosquitto",
                               .now = 0};
  std::string key_path_;
  bool recover_ = false;
};

constexpr std::array kCommands{
    Entry{"setup", "Make key file, database and the first administrator (offline)",
          make_command<Setup>},
};

}  // namespace

std::span<const Entry> setup_commands() { return kCommands; }

}  // namespace countersign::cli
