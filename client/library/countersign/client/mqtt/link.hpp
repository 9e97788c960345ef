#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "countersign/client/message.hpp"

namespace countersign::client {

/// Tells which of several sent things an answer is for. Never 0.
using Ticket = std::uint64_t;

struct ConnectRequest {
  std::string client_id;
  std::string username;  ///< empty: none, and no password
  std::string password;
  bool clean = true;
  bool with_will = false;
};

/// One PUBLISH as it leaves.
struct Outgoing {
  std::string topic;
  std::vector<std::byte> payload;
  std::uint8_t qos = 0;
  bool retain = false;
  MessageProperties properties;
  std::string cs1;  ///< the readable form's property; empty: none
};

// What a connection reports.

struct Opened {
  bool session_present = false;
};
struct OpenFailed {
  int code = 0;  ///< of the CONNACK; 0: none came
  std::string text;
};
struct Lost {
  std::string text;
};
/// The end of one publish, subscribe or unsubscribe.
struct Acked {
  Ticket ticket = 0;
  int code = 0;  ///< reason code; below 0x80: done
};
struct Arrived {
  Message message;
  std::vector<std::byte> correlation_data;
};
using LinkEvent = std::variant<Opened, OpenFailed, Lost, Acked, Arrived>;

/// One MQTT connection at a time. Nothing here waits; answers come as events, and none of a
/// connection that was closed or replaced.
class Link {
 public:
  virtual ~Link() = default;

  /// Replaces any connection. Answered by `Opened` or `OpenFailed`.
  virtual void open(const ConnectRequest& request) = 0;
  /// Answered by `Acked`, unless the connection ends first. With QoS 0: when it has left.
  virtual void send(Ticket ticket, const Outgoing& message) = 0;
  virtual void subscribe(Ticket ticket, const std::string& filter, std::uint8_t qos) = 0;
  virtual void unsubscribe(Ticket ticket, const std::string& filter) = 0;
  /// DISCONNECT, then the end.
  virtual void close() = 0;
};

}  // namespace countersign::client
