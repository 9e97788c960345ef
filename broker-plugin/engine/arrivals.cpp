#include "engine/arrivals.hpp"

#include "engine/trail.hpp"

namespace countersign::engine {

Connection& meet(Context& context, ClientHandle handle, const char* client_id, const char* address,
                 Millis now) {
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

}  // namespace countersign::engine
