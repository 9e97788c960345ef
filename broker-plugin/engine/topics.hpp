#pragma once

#include "countersign/topics.hpp"
#include "engine/context.hpp"

namespace countersign::engine {

/// The relay that holds `connection`: a registered identity, or a bridge this broker opens. Null
/// for everybody else.
[[nodiscard]] inline const config::Relay* relay_of(const Context& context,
                                                   const Connection& connection) {
  if (connection.standing == Standing::proven) {
    return context.settings->relay(connection.identity);
  }
  // a bridge that this broker opens never asks at our door; whoever did only borrowed its name
  return connection.unannounced ? context.settings->bridge(connection.client_id) : nullptr;
}

}  // namespace countersign::engine
