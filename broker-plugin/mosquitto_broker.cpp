#include "mosquitto_broker.hpp"

#include <cstring>

#include "mosquitto_api.hpp"

namespace countersign {
namespace {

int level_of(engine::Severity severity) {
  switch (severity) {
    case engine::Severity::info:
      return MOSQ_LOG_NOTICE;
    case engine::Severity::warning:
      return MOSQ_LOG_WARNING;
    case engine::Severity::error:
      break;
  }
  return MOSQ_LOG_ERR;
}

}  // namespace

void MosquittoBroker::send(const std::string& client_id, const std::string& topic,
                           ByteView payload) {
  // not mosquitto_broker_publish_copy: on 2.0.11 it corrupts the broker's memory count
  void* const copy = mosquitto_malloc(payload.size() + 1);
  if (copy == nullptr) {
    return;
  }
  std::memcpy(copy, payload.data(), payload.size());
  const int result = mosquitto_broker_publish(
      client_id.c_str(), topic.c_str(), static_cast<int>(payload.size()), copy, 0, false, nullptr);
  if (result != MOSQ_ERR_SUCCESS) {
    mosquitto_free(copy);
  }
}

void MosquittoBroker::kick(const std::string& client_id, bool with_will) {
  mosquitto_kick_client_by_clientid(client_id.c_str(), with_will);
}

bool MosquittoBroker::set_username(engine::ClientHandle client, const std::string& username) {
  return mosquitto_set_username(static_cast<struct mosquitto*>(client), username.c_str()) ==
         MOSQ_ERR_SUCCESS;
}

void MosquittoBroker::log(engine::Severity severity, const std::string& line) {
  mosquitto_log_printf(level_of(severity), "countersign: %s", line.c_str());
}

}  // namespace countersign
