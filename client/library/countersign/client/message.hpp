#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "countersign/bytes.hpp"
#include "countersign/client/outcome.hpp"
#include "countersign/receipt.hpp"

namespace countersign::client {

/// Where the signature travels.
enum class Form : std::uint8_t {
  payload,   ///< before and behind the payload
  property,  ///< MQTT 5 user property `cs1`; the payload stays readable
};

/// MQTT 5 properties of a message; the first four are signed with it.
struct MessageProperties {
  std::optional<std::uint8_t> payload_format;
  std::optional<std::string> content_type;
  std::optional<std::string> response_topic;
  std::optional<std::vector<std::byte>> correlation_data;
  std::optional<std::uint32_t> expiry_s;
  std::vector<std::pair<std::string, std::string>> user;  ///< names beginning `cs` are refused
};

struct PublishOptions {
  std::uint8_t qos = 1;
  bool retain = false;
  bool sealed = false;     ///< readable by T alone
  bool short_tag = false;  ///< 8 bytes instead of 16, where the rule allows
  bool on_card = false;    ///< the card signs this message itself
  Form form = Form::payload;
  /// Ask T for a receipt, so that success means accepted even where MQTT cannot say so (3.1.1, QoS
  /// 0). Costs one message each way, shared by all that wait at the time.
  bool confirm = false;
  MessageProperties properties;
};

/// What became of a message that was not refused.
struct Published {
  std::uint16_t kid = 0;
  std::uint32_t seq = 0;
  bool accepted = false;      ///< T said so: by MQTT 5 PUBACK, or by receipt
  std::uint8_t attempts = 1;  ///< more than one after a repeated handshake or a lost connection
};

/// One message received. MQTT 5 brokers with the plugin add who signed it.
struct Message {
  std::string topic;
  std::vector<std::byte> payload;
  std::uint8_t qos = 0;
  bool retained = false;
  std::string signer;        ///< cs-id; empty if the broker does not say
  std::string level;         ///< cs-level: AUTH1, AUTH2 or AUTH3
  std::optional<int> score;  ///< cs-score
  bool on_card = false;      ///< cs-card
  std::vector<std::pair<std::string, std::string>> user;  ///< the other user properties
};

}  // namespace countersign::client
