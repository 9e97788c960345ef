#include "publish_properties.hpp"

#include <cstdlib>
#include <string_view>

namespace countersign {
namespace {

constexpr std::string_view kReadableForm = "cs1";
constexpr std::string_view kOurPrefix = "cs-";

bool read_text(const mosquitto_property* properties, int identifier, OwnedText& keep,
               ByteView& out) {
  char* text = nullptr;
  if (mosquitto_property_read_string(properties, identifier, &text, false) == nullptr) {
    return false;
  }
  keep.reset(text);
  out = bytes_of(text == nullptr ? std::string_view{} : std::string_view{text});
  return true;
}

}  // namespace

// NOLINTNEXTLINE(cppcoreguidelines-no-malloc): the broker's library took it from malloc
void FreeText::operator()(char* text) const { std::free(text); }

void PublishProperties::read(const mosquitto_property* properties, engine::Incoming& incoming) {
  if (properties == nullptr) {
    return;
  }
  read_signed(properties, incoming.properties);
  read_user(properties, incoming);
}

void PublishProperties::read_signed(const mosquitto_property* properties, Properties& out) {
  out.has_payload_format =
      mosquitto_property_read_byte(properties, MQTT_PROP_PAYLOAD_FORMAT_INDICATOR,
                                   &out.payload_format, false) != nullptr;
  out.has_content_type =
      read_text(properties, MQTT_PROP_CONTENT_TYPE, content_type_, out.content_type);
  out.has_response_topic =
      read_text(properties, MQTT_PROP_RESPONSE_TOPIC, response_topic_, out.response_topic);
  void* data = nullptr;
  std::uint16_t size = 0;
  if (mosquitto_property_read_binary(properties, MQTT_PROP_CORRELATION_DATA, &data, &size, false) !=
      nullptr) {
    correlation_data_.reset(static_cast<char*>(data));
    out.has_correlation_data = true;
    out.correlation_data = bytes_of({correlation_data_.get(), size});
  }
}

void PublishProperties::read_user(const mosquitto_property* properties,
                                  engine::Incoming& incoming) {
  const mosquitto_property* at = properties;
  for (bool skip = false; at != nullptr; skip = true) {
    char* name = nullptr;
    char* value = nullptr;
    at = mosquitto_property_read_string_pair(at, MQTT_PROP_USER_PROPERTY, &name, &value, skip);
    const OwnedText owned_name{name};
    OwnedText owned_value{value};
    if (at == nullptr || name == nullptr || value == nullptr) {
      return;
    }
    if (name == kReadableForm) {
      ++incoming.cs1_count;
      cs1_ = std::move(owned_value);
      incoming.cs1 = cs1_.get();
    }
    incoming.speaks_for_us =
        incoming.speaks_for_us || std::string_view{name}.starts_with(kOurPrefix);
  }
}

bool add_sender_properties(const engine::Handling& handling, mosquitto_property** properties) {
  const std::string identity{handling.identity};
  const std::string level{name_of(handling.reputation.level)};
  const std::string score = std::to_string(handling.reputation.score);
  const auto add = [properties](const char* name, const std::string& value) {
    return mosquitto_property_add_string_pair(properties, MQTT_PROP_USER_PROPERTY, name,
                                              value.c_str()) == MOSQ_ERR_SUCCESS;
  };
  return add("cs-id", identity) && add("cs-level", level) && add("cs-score", score) &&
         (!handling.on_card || add("cs-card", "1"));
}

}  // namespace countersign
