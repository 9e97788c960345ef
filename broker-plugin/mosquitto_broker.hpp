#pragma once

#include <string>

#include "engine/broker.hpp"

namespace countersign {

/// The real broker, through its plugin interface.
class MosquittoBroker final : public engine::Broker {
 public:
  void send(const std::string& client_id, const std::string& topic, ByteView payload) override;
  void kick(const std::string& client_id, bool with_will) override;
  bool set_username(engine::ClientHandle client, const std::string& username) override;
  void log(engine::Severity severity, const std::string& line) override;
};

}  // namespace countersign
