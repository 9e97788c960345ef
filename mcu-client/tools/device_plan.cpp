#include "tools/device_plan.hpp"

#include <algorithm>

#include "app/node_settings.hpp"
#include "app/replay_sensor.hpp"
#include "countersign/client/key_text.hpp"
#include "flash/layout.hpp"
#include "openssl/crypto.hpp"
#include "tools/address_text.hpp"
#include "tools/data_set.hpp"

namespace countersign::mcu::tools {
namespace {

using client::Done;
using client::Error;
using client::Fault;
using client::Status;

constexpr std::size_t kMaxTextBytes = 255;

Error usage(std::string text, std::string hint = {}) {
  return {.fault = Fault::usage, .text = std::move(text), .hint = std::move(hint)};
}

/// A topic to publish to.
Status check_topic(std::string_view topic, std::string_view option) {
  if (topic.empty() || topic.size() > kMaxTopicBytes ||
      topic.find_first_of("+#") != std::string_view::npos ||
      std::ranges::any_of(topic, [](char c) { return c >= 0 && c < ' '; })) {
    return usage(std::string{option} + " takes 1 to 128 bytes without + and #");
  }
  return Done{};
}

}  // namespace

Status DevicePlan::make() {
  for (const auto step :
       {&DevicePlan::take_key, &DevicePlan::take_network, &DevicePlan::take_topics,
        &DevicePlan::check_connect, &DevicePlan::take_commands, &DevicePlan::take_commanders,
        &DevicePlan::take_data}) {
    if (Status done = (this->*step)(); !done) {
      return done;
    }
  }
  return Done{};
}

Status DevicePlan::take_key() {
  auto read = read_device_key(options_.key_path);
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
Status DevicePlan::take_key_file(const client::KeyFile& file) {
  options_.identity = options_.identity.empty() ? file.identity.text() : options_.identity;
  options_.server_id = options_.server_id.empty() ? file.server_id : options_.server_id;
  if (options_.identity != file.identity.text()) {
    return usage(options_.key_path + " is the key of " + std::string{file.identity.text()});
  }
  if (!file.server_id.empty() && options_.server_id != file.server_id) {
    return usage(options_.key_path + " is a key for the server " + file.server_id);
  }
  return file.method == client::Method::mfar ? take_registration(file.registration) : Done{};
}

Status DevicePlan::take_registration(const client::RegistrationKey& registration) {
  settings_.mfar = true;
  settings_.password = registration.password();
  if (registration.password().size() > kMaxPasswordBytes ||
      registration.fields().size() > settings_.fields.size()) {
    return usage("that registration is too large for a device",
                 "a password of 64 bytes and 6 fields at most");
  }
  std::ranges::copy(registration.fields(), settings_.fields.begin());
  settings_.field_count = registration.fields().size();
  return Done{};
}

Status DevicePlan::take_names() {
  if (!is_identity(options_.identity) || !is_identity(options_.server_id)) {
    return usage(
        !is_identity(options_.identity) ? "who is the device?" : "which server does it trust?",
        "--identity and --server-id: 1-64 of A-Z a-z 0-9 . _ -");
  }
  settings_.identity = options_.identity;
  settings_.server_id = options_.server_id;
  return Done{};
}

Status DevicePlan::take_network() {
  const auto broker = parse_endpoint(options_.broker);
  if (!broker) {
    return usage("--broker: " + options_.broker + " is no A.B.C.D:PORT");
  }
  settings_.broker = broker->address;
  settings_.broker_port = broker->port;
  if (options_.dhcp != options_.address.empty() ||
      options_.address.empty() != options_.gateway.empty()) {
    return usage("how does the device get its address?",
                 "--address A.B.C.D/LEN and --gateway A.B.C.D, or --dhcp");
  }
  return options_.dhcp ? Status{Done{}} : take_address();
}

Status DevicePlan::take_address() {
  const auto network = parse_network(options_.address);
  const auto gateway = parse_address(options_.gateway);
  if (!network) {
    return usage("--address: " + options_.address + " is no A.B.C.D/LEN");
  }
  if (!gateway || !same_network(*network, *gateway)) {
    return usage("--gateway: " + options_.gateway + " is no address in " + options_.address);
  }
  settings_.has_address = true;
  settings_.address = network->address;
  settings_.mask = network->mask;
  settings_.gateway = *gateway;
  return Done{};
}

Status DevicePlan::take_topics() {
  options_.topic = options_.topic.empty() ? "plant/" + options_.identity + "/t" : options_.topic;
  settings_.topic = options_.topic;
  if (Status fine = check_topic(options_.topic, "--topic"); !fine) {
    return fine;
  }
  if (options_.will_topic.empty()) {
    return options_.will_payload.empty() ? Status{Done{}}
                                         : usage("--will-payload needs --will-topic");
  }
  settings_.will_topic = options_.will_topic;
  settings_.will_payload = bytes_of(options_.will_payload);
  return options_.will_payload.size() <= kMaxTextBytes
             ? check_topic(options_.will_topic, "--will-topic")
             : usage("--will-payload takes at most 255 bytes");
}

/// The longest CONNECT is the one that resumes a session. A device whose buffer does not take it
/// would have to make a new session after each connection that broke.
Status DevicePlan::check_connect() {
  const Bytes<kResumeTextBytes> proof{};
  const std::size_t size = connect_bytes({.client_id = settings_.identity,
                                          .username = settings_.identity,
                                          .password = proof,
                                          .will = device_options(settings_).will});
  if (size <= kPacketBytes) {
    return Done{};
  }
  return usage("identity and will are " + std::to_string(size - kPacketBytes) +
                   " bytes too long for the device to resume its session",
               "shorten --will-payload or --will-topic; each byte of the identity counts twice");
}

Status DevicePlan::take_commands() {
  const bool fit = std::ranges::all_of(options_.words, [](const std::string& word) {
    return !word.empty() && word.size() <= kMaxTextBytes;
  });
  if (options_.words.size() > kMaxWords || !fit) {
    return usage("at most " + std::to_string(kMaxWords) + " commands of 1 to 255 bytes");
  }
  std::ranges::copy(options_.words, settings_.words.begin());
  settings_.word_count = options_.words.size();
  wake_bytes_.resize(options_.wake.size() / 2);
  if (options_.wake.size() % 2 != 0 || wake_bytes_.size() > kMaxWakeBytes ||
      !client::read_hex(options_.wake, wake_bytes_)) {
    return usage("--wake takes 1 to " + std::to_string(kMaxWakeBytes) + " bytes in hex");
  }
  settings_.wake = wake_bytes_;
  return options_.wake.empty() || settings_.command_port != 0
             ? Status{Done{}}
             : usage("--wake needs --command-port");
}

Status DevicePlan::take_commanders() {
  if (options_.commanders.size() > kMaxNames) {
    return usage("at most " + std::to_string(kMaxNames) + " commanders");
  }
  for (const std::string& commander : options_.commanders) {
    if (Status done = take_commander(commander); !done) {
      return done;
    }
  }
  return Done{};
}

Status DevicePlan::take_commander(std::string_view commander) {
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

Status DevicePlan::take_data() {
  if (options_.data_path.empty()) {
    return Done{};
  }
  auto data = read_data_set(options_.data_path, options_.mote);
  if (!data) {
    return data.why();
  }
  data_ = std::move(*data);
  settings_.data_at = kReadingsRegion.address();
  settings_.data_count = static_cast<std::uint32_t>(data_.size() / kDataRecordBytes);
  return Done{};
}

}  // namespace countersign::mcu::tools
