#pragma once

#include <string_view>

#include "countersign/audit.hpp"
#include "engine/context.hpp"

namespace countersign::engine {

/// An audit line that already says who and where. `connection` and `principal` may be null.
[[nodiscard]] AuditLine line_of(std::string_view event, const Connection* connection,
                                const Principal* principal, Millis now);

/// Who brought what came over `connection`: the relay that holds it, else empty.
[[nodiscard]] std::string_view carrier_of(const Context& context, const Connection& connection);

/// Writes a refusal of `event` to the audit and counts it.
void audit_refusal(Context& context, std::string_view event, Refusal why,
                   const Connection* connection, const Principal* principal, Millis now,
                   std::string_view detail = {});

/// Writes a fact or a change of state to the audit.
void audit_fact(Context& context, std::string_view event, const Connection* connection,
                const Principal* principal, Millis now, std::string_view detail = {});

/// Counts what says something about whoever holds the connection; the eighth closes it, and so does
/// the first from an address that is waiting (docs/protocol.md, section 1).
void count_against(Context& context, Connection& connection, Refusal why, Millis now);

}  // namespace countersign::engine
