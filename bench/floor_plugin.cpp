// A plugin that does for each message only what nobody who signs messages can leave out: find the
// connection's key, compute one HMAC, take the envelope off, say who sent it. No rules, no window
// against replays, no levels, no evaluators, no audit, no second thread. Not for use: it measures
// what of the real plugin's cost could be saved at all (bench/fleet.py).
//
//   plugin_opt_keys FILE   lines of "client-id hex-of-K_mac"

#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "countersign/envelope.hpp"
#include "mosquitto_api.hpp"
#include "openssl/crypto.hpp"

namespace {

using countersign::ByteView;

struct Sender {
  std::string identity;
  countersign::openssl::OpenSslMacKey key;
};

struct Floor {
  std::unordered_map<std::string, countersign::Key32> keys;
  std::unordered_map<const mosquitto*, Sender> senders;
};

countersign::Key32 key_in(const std::string& hex) {
  countersign::Key32 key;
  std::size_t at = 0;
  for (std::byte& byte : key.fill()) {
    byte = static_cast<std::byte>(std::stoul(hex.substr(at, 2), nullptr, 16));
    at += 2;
  }
  return key;
}

std::unique_ptr<Floor> read_keys(const char* path) {
  auto floor = std::make_unique<Floor>();
  std::ifstream file{path};
  std::string identity;
  std::string hex;
  while (file >> identity >> hex) {
    floor->keys.emplace(identity, key_in(hex));
  }
  return floor;
}

/// Null for a client without a key.
const Sender* sender_of(Floor& floor, mosquitto* client) {
  const auto found = floor.senders.find(client);
  if (found != floor.senders.end()) {
    return &found->second;
  }
  const std::string identity = mosquitto_client_id(client);
  const auto key = floor.keys.find(identity);
  if (key == floor.keys.end()) {
    return nullptr;
  }
  Sender fresh{identity, countersign::openssl::OpenSslMacKey{key->second}};
  return &floor.senders.emplace(client, std::move(fresh)).first->second;
}

bool replace_payload(mosquitto_evt_message& event, ByteView payload) {
  auto* const copy = static_cast<char*>(mosquitto_malloc(payload.size() + 1));
  if (copy == nullptr) {
    return false;
  }
  std::memcpy(copy, payload.data(), payload.size());
  copy[payload.size()] = '\0';
  event.payload = copy;
  event.payloadlen = static_cast<std::uint32_t>(payload.size());
  return true;
}

bool add(mosquitto_evt_message& event, const char* name, const char* value) {
  return mosquitto_property_add_string_pair(&event.properties, MQTT_PROP_USER_PROPERTY, name,
                                            value) == MOSQ_ERR_SUCCESS;
}

bool take(Floor& floor, mosquitto_evt_message& event) {
  const Sender* const sender = sender_of(floor, event.client);
  const auto claim =
      countersign::parse_envelope({static_cast<const std::byte*>(event.payload), event.payloadlen});
  if (sender == nullptr || !claim) {
    return false;
  }
  countersign::MessageContext context;
  context.topic = countersign::bytes_of(std::string_view{event.topic});
  return countersign::verify(sender->key, *claim, context) == countersign::Refusal::none &&
         add(event, "cs-id", sender->identity.c_str()) && add(event, "cs-level", "AUTH3") &&
         add(event, "cs-score", "21") && replace_payload(event, claim->body);
}

int on_message(int /*event*/, void* message, void* floor) {
  return take(*static_cast<Floor*>(floor), *static_cast<mosquitto_evt_message*>(message))
             ? MOSQ_ERR_SUCCESS
             : MOSQ_ERR_ACL_DENIED;
}

}  // namespace

int mosquitto_plugin_version(int /*count*/, const int* /*versions*/) { return 5; }

int mosquitto_plugin_init(mosquitto_plugin_id_t* identifier, void** user_data,
                          mosquitto_opt* options, int count) {
  for (int i = 0; i < count; ++i) {
    if (std::string_view{options[i].key} == "keys") {
      *user_data = read_keys(options[i].value).release();
    }
  }
  return *user_data == nullptr ? MOSQ_ERR_INVAL
                               : mosquitto_callback_register(identifier, MOSQ_EVT_MESSAGE,
                                                             on_message, nullptr, *user_data);
}

int mosquitto_plugin_cleanup(void* user_data, mosquitto_opt* /*options*/, int /*count*/) {
  const std::unique_ptr<Floor> floor{static_cast<Floor*>(user_data)};
  return MOSQ_ERR_SUCCESS;
}
