#pragma once

#include <string>
#include <string_view>

#include "countersign/bytes.hpp"

namespace countersign::engine {

/// One connection as the broker names it: the address of its context. Never dereferenced by us.
using ClientHandle = void*;

enum class Severity { info, warning, error };

/// What the engine asks of the broker. Only the broker's own thread may call it.
class Broker {
 public:
  /// Sends to the live connection with that client id, QoS 0, without subscription or access check.
  virtual void send(const std::string& client_id, const std::string& topic, ByteView payload) = 0;

  /// Disconnects the connection with that client id. Re-enters the plugin: only from TICK.
  virtual void kick(const std::string& client_id, bool with_will) = 0;

  virtual bool set_username(ClientHandle client, const std::string& username) = 0;

  /// One line for the operator: lower case, no full stop.
  virtual void log(Severity severity, const std::string& line) = 0;

 protected:
  Broker() = default;
  Broker(const Broker&) = default;
  Broker& operator=(const Broker&) = default;
  ~Broker() = default;
};

}  // namespace countersign::engine
