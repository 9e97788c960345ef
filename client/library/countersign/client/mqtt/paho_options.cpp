#include "countersign/client/mqtt/paho_options.hpp"

#include <algorithm>

#include "countersign/client/key_text.hpp"
#include "countersign/client/mqtt/paho_tls.hpp"
#include "countersign/identity.hpp"

namespace countersign::client {
namespace {

constexpr std::uint16_t kPlainPort = 1883;
constexpr std::uint16_t kTlsPort = 8883;
constexpr std::uint32_t kLargestScore = 127;
constexpr int kMaxInflight = 64;  // the window of the other side

mqtt::properties properties_of(const Outgoing& message) {
  mqtt::properties out;
  const MessageProperties& from = message.properties;
  if (from.payload_format) {
    out.add({mqtt::property::PAYLOAD_FORMAT_INDICATOR, int{*from.payload_format}});
  }
  if (from.expiry_s) {
    out.add({mqtt::property::MESSAGE_EXPIRY_INTERVAL, static_cast<int>(*from.expiry_s)});
  }
  if (from.content_type) {
    out.add({mqtt::property::CONTENT_TYPE, *from.content_type});
  }
  if (from.response_topic) {
    out.add({mqtt::property::RESPONSE_TOPIC, *from.response_topic});
  }
  if (from.correlation_data) {
    out.add({mqtt::property::CORRELATION_DATA, std::string{text_of(*from.correlation_data)}});
  }
  for (const auto& [name, value] : from.user) {
    out.add({mqtt::property::USER_PROPERTY, name, value});
  }
  if (!message.cs1.empty()) {
    out.add({mqtt::property::USER_PROPERTY, "cs1", message.cs1});
  }
  return out;
}

void read_user_property(const std::string& name, const std::string& value, Message& out) {
  if (name == "cs-id") {
    out.signer = value;
  } else if (name == "cs-level") {
    out.level = value;
  } else if (name == "cs-score") {
    const auto score = read_number(value, kLargestScore);
    out.score = score ? std::optional{static_cast<int>(*score)} : std::nullopt;
  } else if (name == "cs-card") {
    out.on_card = value == "1";
  } else {
    out.user.emplace_back(name, value);
  }
}

}  // namespace

std::string server_uri(const Options& options) {
  const bool tls = uses_tls(options.tls);
  const std::uint16_t port = options.port != 0 ? options.port : tls ? kTlsPort : kPlainPort;
  const bool bare_ipv6 =
      options.host.find(':') != std::string::npos && !options.host.starts_with('[');
  const std::string host = bare_ipv6 ? "[" + options.host + "]" : options.host;
  return (tls ? "ssl://" : "tcp://") + host + ":" + std::to_string(port);
}

mqtt::connect_options connect_options(const Options& options, const ConnectRequest& request,
                                      const std::string& trust_store) {
  mqtt::connect_options out;
  out.set_mqtt_version(static_cast<int>(options.mqtt));
  if (options.mqtt == MqttVersion::v5) {
    out.set_clean_start(request.clean);
    if (!request.clean) {
      mqtt::properties properties;
      properties.add(
          {mqtt::property::SESSION_EXPIRY_INTERVAL, static_cast<int>(options.session_expiry_s)});
      out.set_properties(std::move(properties));
    }
  } else {
    out.set_clean_session(request.clean);
  }
  out.set_keep_alive_interval(int{options.keepalive_s});
  out.set_connect_timeout(std::max(1, static_cast<int>((options.patience.connect + 999) / 1000)));
  out.set_max_inflight(kMaxInflight);
  if (!request.username.empty()) {
    out.set_user_name(request.username);
    out.set_password(request.password);
  }
  if (request.with_will && options.will) {
    const WillOptions& will = *options.will;
    out.set_will(mqtt::will_options(will.topic, will.payload.data(), will.payload.size(), will.qos,
                                    will.retain));
  }
  if (uses_tls(options.tls)) {
    out.set_ssl(ssl_options(options.tls, trust_store));
  }
  if (!options.tls.psk.empty()) {
    share_key(options.tls, out);
  }
  return out;
}

mqtt::message_ptr paho_message(const Outgoing& message, MqttVersion version) {
  auto out = mqtt::make_message(message.topic, message.payload.data(), message.payload.size(),
                                message.qos, message.retain);
  if (version == MqttVersion::v5) {
    out->set_properties(properties_of(message));
  }
  return out;
}

Arrived arrived_message(const mqtt::message& message) {
  Arrived out;
  out.message.topic = message.get_topic();
  const auto& payload = message.get_payload_ref();
  const ByteView bytes = bytes_of({payload.data(), payload.size()});
  out.message.payload.assign(bytes.begin(), bytes.end());
  out.message.qos = static_cast<std::uint8_t>(message.get_qos());
  out.message.retained = message.is_retained();
  const mqtt::properties& properties = message.get_properties();
  const std::size_t count = properties.count(mqtt::property::USER_PROPERTY);
  for (std::size_t i = 0; i < count; ++i) {
    const auto [name, value] =
        mqtt::get<mqtt::string_pair>(properties, mqtt::property::USER_PROPERTY, i);
    read_user_property(name, value, out.message);
  }
  return out;
}

Status check_options(const Options& options, Method method) {
  const bool unsaid = options.server_id.empty() && method == Method::mfar;
  if (!unsaid && !is_identity(options.server_id)) {
    return Error{Fault::usage, "no server_id, or one that cannot be",
                 "it stands in the broker's countersign.toml"};
  }
  if (options.suffix && !is_addressable(*options.suffix)) {
    return Error{Fault::usage, "a client id suffix has no / + # and no control characters"};
  }
  if (options.will && options.will->topic.empty()) {
    return Error{Fault::usage, "a will needs a topic"};
  }
  return check_tls(options.tls);
}

}  // namespace countersign::client
