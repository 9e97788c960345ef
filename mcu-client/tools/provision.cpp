#include <filesystem>

#include "tools/command.hpp"
#include "tools/device_plan.hpp"
#include "tools/image_file.hpp"

namespace countersign::mcu::tools {
namespace {

/// Writes the flash of a new device.
class Provision final : public Command {
 public:
  CLI::App* declare(CLI::App& app, Console& console) override {
    CLI::App* const own = app.add_subcommand("provision", "Write the flash of a new device");
    declare_identity(*own);
    declare_network(*own);
    declare_readings(*own);
    declare_commands(*own);
    own->add_flag("--force", force_, "Replace FILE: what that device had counted is lost");
    own->add_flag("--json", console.json, "Print the result as JSON");
    return own;
  }

  int run(const Console& console) override {
    if (const client::Status done = provision(); !done) {
      return console.fail(done.why());
    }
    const Settings& made = plan_.settings();
    if (console.json) {
      console.print({{"file", path_},
                     {"identity", made.identity},
                     {"server_id", made.server_id},
                     {"method", made.mfar ? "mfar" : "a+"},
                     {"suite", made.suite},
                     {"records", made.data_count}});
    } else {
      console.line("made " + printable(path_) + ", the flash of " + std::string{made.identity});
    }
    return 0;
  }

 private:
  void declare_identity(CLI::App& app) {
    app.add_option("-o,--out", path_, "Where to write it, mode 0600")
        ->type_name("FILE")
        ->required();
    app.add_option("--identity", plan_.options().identity,
                   "Who the device is [as the key file says]")
        ->type_name("ID");
    app.add_option("--server-id", plan_.options().server_id,
                   "The server it trusts [as the key file says]")
        ->type_name("ID");
    app.add_option("--key-file", plan_.options().key_path,
                   "Its key: a file of countersign key, or 64 hex digits; mode 0600")
        ->type_name("FILE")
        ->required();
    app.add_option("--suite", plan_.settings().suite, "1 X25519, 2 symmetric")
        ->check(CLI::IsMember({1, 2}).description(""))
        ->type_name("1|2")
        ->capture_default_str();
  }

  void declare_network(CLI::App& app) {
    app.add_option("--broker", plan_.options().broker, "The broker")
        ->type_name("A.B.C.D:PORT")
        ->required();
    app.add_option("--address", plan_.options().address, "The device's own address and its network")
        ->type_name("A.B.C.D/LEN");
    app.add_option("--gateway", plan_.options().gateway, "The way out of that network")
        ->type_name("A.B.C.D");
    app.add_flag("--dhcp", plan_.options().dhcp, "It asks for an address");
  }

  void declare_readings(CLI::App& app) {
    app.add_option("-t,--topic", plan_.options().topic, "Where its readings go [plant/ID/t]")
        ->type_name("TOPIC");
    app.add_option("--interval", plan_.settings().interval_ms, "Between two readings")
        ->type_name("MS")
        ->check(CLI::PositiveNumber.description(""))
        ->capture_default_str();
    app.add_option("--readings-count", plan_.settings().readings, "How many to take; 0: no end")
        ->type_name("N")
        ->capture_default_str();
    app.add_flag("--live", plan_.settings().live, "QoS 0 while there is a link");
    app.add_flag("--sealed", plan_.settings().sealed, "Payloads are encrypted");
    app.add_option("--data", plan_.options().data_path, "What its sensor replays, a CSV file")
        ->type_name("CSV");
    app.add_option("--mote", plan_.options().mote, "Whose readings of it")->type_name("N");
    app.add_option("--will-topic", plan_.options().will_topic, "Where its will goes")
        ->type_name("TOPIC");
    app.add_option("--will-payload", plan_.options().will_payload, "What its will says")
        ->type_name("TEXT");
  }

  void declare_commands(CLI::App& app) {
    app.add_option("--command", plan_.options().words, "Commands that it obeys; may be repeated")
        ->type_name("WORD");
    app.add_option("--commander", plan_.options().commanders,
                   "Who may command it, and the secret they share: 64 hex digits, mode 0600; may "
                   "be repeated")
        ->type_name("ID:FILE");
    app.add_option("--command-port", plan_.settings().command_port,
                   "TCP, for commands without a broker")
        ->type_name("PORT");
    app.add_option("--wake", plan_.options().wake,
                   "What may come before a command on that port, in hex")
        ->type_name("HEX");
  }

  client::Status provision() {
    if (!force_ && std::filesystem::exists(std::filesystem::symlink_status(path_))) {
      return client::Error{.fault = client::Fault::file,
                           .text = path_ + " exists",
                           .hint = "name another with --out; --force replaces it"};
    }
    if (client::Status done = plan_.make(); !done) {
      return done;
    }
    return write_image(path_, plan_.settings(), plan_.secrets(), plan_.data(), force_);
  }

  std::string path_;
  bool force_ = false;
  DevicePlan plan_;
};

}  // namespace

std::unique_ptr<Command> make_provision() { return std::make_unique<Provision>(); }

}  // namespace countersign::mcu::tools
