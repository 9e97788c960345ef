#include <algorithm>
#include <filesystem>

#include "app/replay_sensor.hpp"
#include "flash/layout.hpp"
#include "openssl/crypto.hpp"
#include "tools/address_text.hpp"
#include "tools/command.hpp"
#include "tools/data_set.hpp"
#include "tools/hex.hpp"
#include "tools/image_file.hpp"
#include "tools/key_reader.hpp"

namespace countersign::mcu::tools {
namespace {

using client::Done;
using client::Error;
using client::Fault;
using client::Status;

Error usage(std::string text, std::string hint = {}) {
  return {.fault = Fault::usage, .text = std::move(text), .hint = std::move(hint)};
}

/// A topic to publish to.
Status check_topic(std::string_view topic, std::string_view option) {
  if (topic.empty() || topic.size() > 128 || topic.find_first_of("+#") != std::string_view::npos ||
      std::ranges::any_of(topic, [](char c) { return c >= 0 && c < ' '; })) {
    return usage(std::string{option} + " takes 1 to 128 bytes without + and #");
  }
  return Done{};
}

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
    const Status done = provision();
    if (!done) {
      return console.fail(done.why());
    }
    if (console.json) {
      console.print({{"file", path_},
                     {"identity", identity_},
                     {"server_id", server_id_},
                     {"method", settings_.mfar ? "mfar" : "a+"},
                     {"suite", settings_.suite},
                     {"records", settings_.data_count}});
    } else {
      console.line("made " + printable(path_) + ", the flash of " + identity_);
    }
    return 0;
  }

 private:
  void declare_identity(CLI::App& app) {
    app.add_option("-o,--out", path_, "Where to write it, mode 0600")
        ->type_name("FILE")
        ->required();
    app.add_option("--identity", identity_, "Who the device is [as the key file says]")
        ->type_name("ID");
    app.add_option("--server-id", server_id_, "The server it trusts [as the key file says]")
        ->type_name("ID");
    app.add_option("--key-file", key_path_,
                   "Its key: a file of countersign key, or 64 hex digits; mode 0600")
        ->type_name("FILE")
        ->required();
    app.add_option("--suite", settings_.suite, "1 X25519, 2 symmetric")
        ->check(CLI::IsMember({1, 2}).description(""))
        ->type_name("1|2")
        ->capture_default_str();
  }

  void declare_network(CLI::App& app) {
    app.add_option("--broker", broker_, "The broker")->type_name("A.B.C.D:PORT")->required();
    app.add_option("--address", address_, "The device's own address and its network")
        ->type_name("A.B.C.D/LEN");
    app.add_option("--gateway", gateway_, "The way out of that network")->type_name("A.B.C.D");
    app.add_flag("--dhcp", dhcp_, "It asks for an address");
  }

  void declare_readings(CLI::App& app) {
    app.add_option("-t,--topic", topic_, "Where its readings go [plant/ID/t]")->type_name("TOPIC");
    app.add_option("--interval", settings_.interval_ms, "Between two readings")
        ->type_name("MS")
        ->check(CLI::PositiveNumber.description(""))
        ->capture_default_str();
    app.add_option("--readings-count", settings_.readings, "How many to take; 0: no end")
        ->type_name("N")
        ->capture_default_str();
    app.add_flag("--live", settings_.live, "QoS 0 while there is a link");
    app.add_flag("--sealed", settings_.sealed, "Payloads are encrypted");
    app.add_option("--data", data_path_, "What its sensor replays, a CSV file")->type_name("CSV");
    app.add_option("--mote", mote_, "Whose readings of it")->type_name("N");
    app.add_option("--will-topic", will_topic_, "Where its will goes")->type_name("TOPIC");
    app.add_option("--will-payload", will_payload_, "What its will says")->type_name("TEXT");
  }

  void declare_commands(CLI::App& app) {
    app.add_option("--command", words_, "Commands that it obeys; may be repeated")
        ->type_name("WORD");
    app.add_option("--commander", commanders_,
                   "Who may command it, and the secret they share: 64 hex digits, mode 0600; may "
                   "be repeated")
        ->type_name("ID:FILE");
    app.add_option("--command-port", settings_.command_port, "TCP, for commands without a broker")
        ->type_name("PORT");
    app.add_option("--wake", wake_, "What may come before a command on that port, in hex")
        ->type_name("HEX");
  }

  Status provision() {
    if (!force_ && std::filesystem::exists(std::filesystem::symlink_status(path_))) {
      return Error{.fault = Fault::file,
                   .text = path_ + " exists",
                   .hint = "name another with --out; --force replaces it"};
    }
    for (const auto step :
         {&Provision::take_key, &Provision::take_network, &Provision::take_topics,
          &Provision::take_commands, &Provision::take_commanders, &Provision::take_data}) {
      if (Status done = (this->*step)(); !done) {
        return done;
      }
    }
    return write_image(path_, settings_, secrets_, data_, force_);
  }

  Status take_key() {
    auto read = read_device_key(key_path_);
    if (!read) {
      return read.why();
    }
    key_ = std::move(*read);
    secrets_.key = key_.key.key();
    if (!openssl::OpenSslRandom{}.fill(secrets_.seed.fill())) {
      return Error{.fault = Fault::file, .text = "the system gives no random bytes"};
    }
    if (key_.file) {
      if (Status done = take_key_file(*key_.file); !done) {
        return done;
      }
    }
    return take_names();
  }

  /// What stands around the key.
  Status take_key_file(const client::KeyFile& file) {
    identity_ = identity_.empty() ? file.identity.text() : identity_;
    server_id_ = server_id_.empty() ? file.server_id : server_id_;
    if (identity_ != file.identity.text()) {
      return usage(key_path_ + " is the key of " + std::string{file.identity.text()});
    }
    if (!file.server_id.empty() && server_id_ != file.server_id) {
      return usage(key_path_ + " is a key for the server " + file.server_id);
    }
    return file.method == client::Method::mfar ? take_registration(file.registration) : Done{};
  }

  Status take_registration(const client::RegistrationKey& registration) {
    settings_.mfar = true;
    settings_.password = registration.password();
    if (registration.password().size() > kMaxDevicePasswordBytes ||
        registration.fields().size() > settings_.fields.size()) {
      return usage("that registration is too large for a device",
                   "a password of 64 bytes and 6 fields at most");
    }
    std::ranges::copy(registration.fields(), settings_.fields.begin());
    settings_.field_count = registration.fields().size();
    return Done{};
  }

  Status take_names() {
    if (!is_identity(identity_) || !is_identity(server_id_)) {
      return usage(!is_identity(identity_) ? "who is the device?" : "which server does it trust?",
                   "--identity and --server-id: 1-64 of A-Z a-z 0-9 . _ -");
    }
    settings_.identity = identity_;
    settings_.server_id = server_id_;
    return Done{};
  }

  Status take_network() {
    const auto broker = parse_endpoint(broker_);
    if (!broker) {
      return usage("--broker: " + broker_ + " is no A.B.C.D:PORT");
    }
    settings_.broker = broker->address;
    settings_.broker_port = broker->port;
    if (dhcp_ != address_.empty() || address_.empty() != gateway_.empty()) {
      return usage("how does the device get its address?",
                   "--address A.B.C.D/LEN and --gateway A.B.C.D, or --dhcp");
    }
    return dhcp_ ? Status{Done{}} : take_address();
  }

  Status take_address() {
    const auto network = parse_network(address_);
    const auto gateway = parse_address(gateway_);
    if (!network) {
      return usage("--address: " + address_ + " is no A.B.C.D/LEN");
    }
    if (!gateway || !same_network(*network, *gateway)) {
      return usage("--gateway: " + gateway_ + " is no address in " + address_);
    }
    settings_.has_address = true;
    settings_.address = network->address;
    settings_.mask = network->mask;
    settings_.gateway = *gateway;
    return Done{};
  }

  Status take_topics() {
    topic_ = topic_.empty() ? "plant/" + identity_ + "/t" : topic_;
    settings_.topic = topic_;
    if (Status fine = check_topic(topic_, "--topic"); !fine) {
      return fine;
    }
    if (will_topic_.empty()) {
      return will_payload_.empty() ? Status{Done{}} : usage("--will-payload needs --will-topic");
    }
    settings_.will_topic = will_topic_;
    settings_.will_payload = bytes_of(will_payload_);
    return will_payload_.size() <= 255 ? check_topic(will_topic_, "--will-topic")
                                       : usage("--will-payload takes at most 255 bytes");
  }

  Status take_commands() {
    const bool fit = std::ranges::all_of(
        words_, [](const std::string& word) { return !word.empty() && word.size() <= 255; });
    if (words_.size() > kMaxWords || !fit) {
      return usage("at most " + std::to_string(kMaxWords) + " commands of 1 to 255 bytes");
    }
    std::ranges::copy(words_, settings_.words.begin());
    settings_.word_count = words_.size();
    wake_bytes_.resize(wake_.size() / 2);
    if (wake_.size() % 2 != 0 || wake_bytes_.size() > kMaxWakeBytes ||
        !client::read_hex(wake_, wake_bytes_)) {
      return usage("--wake takes 1 to " + std::to_string(kMaxWakeBytes) + " bytes in hex");
    }
    settings_.wake = wake_bytes_;
    return wake_.empty() || settings_.command_port != 0 ? Status{Done{}}
                                                        : usage("--wake needs --command-port");
  }

  Status take_commanders() {
    if (commanders_.size() > kMaxNames) {
      return usage("at most " + std::to_string(kMaxNames) + " commanders");
    }
    for (const std::string& commander : commanders_) {
      if (Status done = take_commander(commander); !done) {
        return done;
      }
    }
    return Done{};
  }

  Status take_commander(std::string_view commander) {
    const std::size_t colon = commander.find(':');
    const std::string_view name = commander.substr(0, colon);
    if (!is_identity(name) || colon == std::string_view::npos) {
      return usage("--commander: " + std::string{commander} + " is no ID:FILE");
    }
    if (std::ranges::count(settings_.commanders(), name) != 0) {
      return usage("--commander: " + std::string{name} + " stands there twice");
    }
    const auto secret = read_hex_key(std::string{commander.substr(colon + 1)});
    if (!secret) {
      return secret.why();
    }
    secrets_.commanders[settings_.name_count] = secret->key();
    settings_.names[settings_.name_count++] = name;
    return Done{};
  }

  Status take_data() {
    if (data_path_.empty()) {
      return Done{};
    }
    auto data = read_data_set(data_path_, mote_);
    if (!data) {
      return data.why();
    }
    data_ = std::move(*data);
    settings_.data_at = kReadingsRegion.address();
    settings_.data_count = static_cast<std::uint32_t>(data_.size() / kDataRecordBytes);
    return Done{};
  }

  static constexpr std::size_t kMaxDevicePasswordBytes = 64;

  std::string path_;
  std::string identity_;
  std::string server_id_;
  std::string key_path_;
  std::string broker_;
  std::string address_;
  std::string gateway_;
  bool dhcp_ = false;
  std::string topic_;
  std::string data_path_;
  std::uint32_t mote_ = 1;
  std::string will_topic_;
  std::string will_payload_;
  std::vector<std::string> words_;
  std::vector<std::string> commanders_;
  std::string wake_;
  bool force_ = false;

  DeviceKeyFile key_;
  std::vector<std::byte> wake_bytes_;
  std::vector<std::byte> data_;
  Settings settings_;  // borrows from all of these
  Secrets secrets_;
};

}  // namespace

std::unique_ptr<Command> make_provision() { return std::make_unique<Provision>(); }

}  // namespace countersign::mcu::tools
