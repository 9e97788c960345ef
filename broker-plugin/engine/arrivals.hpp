#pragma once

#include <string>

#include "engine/context.hpp"

namespace countersign::engine {

/// The record of `handle`, made now for a context that never came through our door: a bridge that
/// this broker opens, or one that other means than BASIC_AUTH let in. Whoever uses an owned client
/// id that way is an intruder: no rights, and closed at TICK.
Connection& meet(Context& context, ClientHandle handle, const char* client_id, const char* address,
                 Millis now);

/// Takes the client ids of an identity that is new in the registry from whoever uses them: they
/// become intruders, too.
void reclaim_client_ids(Context& context, std::string_view identity, Millis now);

}  // namespace countersign::engine
