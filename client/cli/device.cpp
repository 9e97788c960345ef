#include <CLI/CLI.hpp>
#include <array>

#include "admin.hpp"
#include "command.hpp"
#include "device_text.hpp"
#include "options.hpp"

namespace countersign::cli {
namespace {

/// Every identity, page by page.
class DeviceList final : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    add_json(app, console);
    connection_.declare(app);
  }

  int run(const Console& console) override {
    auto admin = Admin::login(connection_);
    if (!admin) {
      return console.fail(admin.why());
    }
    constexpr std::size_t kPage = 100;
    Json all = Json::array();
    for (bool more = true; more;) {
      auto page = admin->run({{"command", "listDevices"},
                              {"offset", all.size()},
                              {"count", kPage},
                              {"verbose", true}});
      if (!page) {
        return console.fail(page.why());
      }
      const Json& devices = member(*page, "devices");
      for (const Json& device : devices) {
        all.push_back(device);
      }
      more = devices.size() == kPage;
    }
    report(console, all);
    return 0;
  }

 private:
  static void report(const Console& console, const Json& devices) {
    if (console.json) {
      console.print({{"devices", devices}});
      return;
    }
    for (const std::string& line : aligned(device_table(devices))) {
      console.line(line);
    }
  }

  Connection connection_;
};

/// All that the broker knows of one identity.
class DeviceShow final : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    app.add_option("IDENTITY", identity_, "Whom to show")->type_name("")->required();
    add_json(app, console);
    connection_.declare(app);
  }

  int run(const Console& console) override {
    auto admin = Admin::login(connection_);
    if (!admin) {
      return console.fail(admin.why());
    }
    const auto device = admin->run({{"command", "getDevice"}, {"identity", identity_}});
    if (!device) {
      return console.fail(device.why());
    }
    if (console.json) {
      console.print(*device);
      return 0;
    }
    for (const std::string& line : aligned(device_rows(*device))) {
      console.line(line);
    }
    return 0;
  }

 private:
  std::string identity_;
  Connection connection_;
};

/// A change of one identity: a verb, the command behind it, and what is then true.
struct Change {
  const char* command;
  const char* done;
  const char* argument;  ///< the field that a further word goes into; null: none
  bool required = false;
};

constexpr Change kDisable{"disableDevice", "disabled", "reason"};
constexpr Change kEnable{"enableDevice", "enabled", nullptr};
constexpr Change kRemove{"removeDevice", "removed", nullptr};
constexpr Change kBlock{"blockDevice", "blocked", "reason"};
constexpr Change kUnblock{"unblockDevice", "unblocked", nullptr};
constexpr Change kReinstate{"reinstateDevice", "reinstated", nullptr};
constexpr Change kResetEpoch{"resetEpoch", "back at epoch 0", nullptr};
constexpr Change kAddRole{"addDeviceRole", "changed: role added", "role", true};
constexpr Change kRemoveRole{"removeDeviceRole", "changed: role removed", "role", true};

template <const Change& change>
class ChangeDevice final : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    app.add_option("IDENTITY", identity_, "Whom to change")->type_name("")->required();
    if (change.argument != nullptr && change.required) {
      app.add_option("ROLE", argument_, "Which role")->type_name("")->required();
    } else if (change.argument != nullptr) {
      app.add_option("--reason", argument_, "Why, for those who look later")->type_name("TEXT");
    }
    add_json(app, console);
    connection_.declare(app);
  }

  int run(const Console& console) override {
    auto admin = Admin::login(connection_);
    if (!admin) {
      return console.fail(admin.why());
    }
    Json command{{"command", change.command}, {"identity", identity_}};
    if (!argument_.empty()) {
      command[change.argument] = argument_;
    }
    if (const auto done = admin->run(command); !done) {
      return console.fail(done.why());
    }
    if (console.json) {
      console.print({{"identity", identity_}, {"done", change.command}});
    } else {
      console.line(printable(identity_) + " is " + change.done);
    }
    return 0;
  }

 private:
  std::string identity_;
  std::string argument_;
  Connection connection_;
};

constexpr std::array kCommands{
    Entry{"register", "Make an identity known, by its key file or device data",
          make_device_register},
    Entry{"register-legacy", "Make a device known that logs in with a password",
          make_device_register_legacy},
    Entry{"import", "Make those known that Mosquitto knows by password", make_device_import},
    Entry{"list", "List every identity", make_command<DeviceList>},
    Entry{"show", "Show one identity", make_command<DeviceShow>},
    Entry{"watch", "Watch levels and scores live", make_device_watch},
    Entry{"disable", "Let it do nothing until it is enabled", make_command<ChangeDevice<kDisable>>},
    Entry{"enable", "Undo disable", make_command<ChangeDevice<kEnable>>},
    Entry{"remove", "Forget it, and all it did", make_command<ChangeDevice<kRemove>>},
    Entry{"block", "Lock a lost card or key out", make_command<ChangeDevice<kBlock>>},
    Entry{"unblock", "Undo block", make_command<ChangeDevice<kUnblock>>},
    Entry{"reinstate", "End an expulsion, or the lock on a cloned key",
          make_command<ChangeDevice<kReinstate>>},
    Entry{"rekey", "Give it a new key, by its key file", make_device_rekey},
    Entry{"reset-epoch", "Take epochs from 0 again: its key file was restored from a backup",
          make_command<ChangeDevice<kResetEpoch>>},
    Entry{"add-role", "Give it a role", make_command<ChangeDevice<kAddRole>>},
    Entry{"remove-role", "Take a role from it", make_command<ChangeDevice<kRemoveRole>>},
};

}  // namespace

std::span<const Entry> device_commands() { return kCommands; }

}  // namespace countersign::cli
