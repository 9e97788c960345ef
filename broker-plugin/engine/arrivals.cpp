#include "engine/arrivals.hpp"

#include "engine/trail.hpp"

namespace countersign::engine {

Connection& meet(Context& context, ClientHandle handle, const char* client_id, const char* address,
                 Millis now) {
  if (Connection* const known = context.connections.find(handle); known != nullptr) {
    return *known;
  }
  const std::string id = client_id == nullptr ? "" : client_id;
  Connection& connection =
      context.connections.admit(handle, id, address == nullptr ? "" : address, now);
  connection.unannounced = true;
  const Principal* const owner = context.registry.find(owner_of(id));
  if (is_stranger(id) || (owner != nullptr && owner->kind != Kind::legacy)) {
    connection.standing = Standing::intruder;
    audit_refusal(context, "connect", Refusal::denied, &connection, nullptr, now,
                  "uses an owned client id and never asked to");
  }
  return connection;
}

void reclaim_client_ids(Context& context, std::string_view identity, Millis now) {
  context.connections.for_each([&](Connection& connection) {
    if (connection.standing == Standing::foreign && !connection.departed &&
        owns_client_id(identity, connection.client_id)) {
      connection.standing = Standing::intruder;
      audit_refusal(context, "connect", Refusal::denied, &connection, nullptr, now,
                    "its client id belongs to an identity now");
    }
  });
}

}  // namespace countersign::engine
