#include "engine/trail.hpp"

#include "engine/topics.hpp"

namespace countersign::engine {

AuditLine line_of(std::string_view event, const Connection* connection, const Principal* principal,
                  Millis now) {
  AuditLine line;
  line.at = now;
  line.event = event;
  if (connection != nullptr) {
    line.client = connection->client_id;
    line.address = connection->address;
    line.identity = connection->identity;
  }
  if (principal != nullptr) {
    line.identity = principal->identity;
    line.has_reputation = true;
    line.reputation = principal->reputation;
  }
  return line;
}

std::string_view carrier_of(const Context& context, const Connection& connection) {
  if (relay_of(context, connection) == nullptr) {
    return {};
  }
  return connection.identity.empty() ? connection.client_id : connection.identity;
}

void audit_refusal(Context& context, std::string_view event, Refusal why,
                   const Connection* connection, const Principal* principal, Millis now,
                   std::string_view detail) {
  context.metrics.refuse(why);
  AuditLine line = line_of(event, connection, principal, now);
  line.verdict = "refuse";
  line.why = why;
  line.relay = connection == nullptr ? std::string_view{} : carrier_of(context, *connection);
  line.detail = detail;
  context.audit.write(line);
}

void audit_fact(Context& context, std::string_view event, const Connection* connection,
                const Principal* principal, Millis now, std::string_view detail) {
  AuditLine line = line_of(event, connection, principal, now);
  line.detail = detail;
  context.audit.write(line);
}

void count_against(Context& context, Connection& connection, Refusal why, Millis now) {
  if (!counts_against_connection(why)) {
    return;
  }
  const bool waiting = context.addresses.waits(connection.address, now);
  context.addresses.offend(connection.address, now);
  ++connection.bad_messages;
  if (waiting || connection.bad_messages >= context.settings->connections.bad_messages) {
    context.connections.kick_later(connection, false);
  }
}

}  // namespace countersign::engine
