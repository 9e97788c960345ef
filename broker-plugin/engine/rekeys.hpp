#pragma once

#include "engine/postman.hpp"

namespace countersign::engine {

/// Changes a device's k for one that both sides compute (docs/protocol.md, section 4). The device
/// begins, in a session; its answer leaves when the new k is durable.
class Rekeys {
 public:
  Rekeys(Context& context, Postman& postman) : context_{context}, postman_{postman} {}

  /// The same message again gets the same answer, so a lost one does no harm.
  /// \returns `none`, or why nothing will change: `denied` for the key of a card, `bad_tag`,
  /// `malformed` or `internal`.
  [[nodiscard]] Refusal take(Connection& connection, Principal& principal, LiveSession& session,
                             ByteView message);

 private:
  [[nodiscard]] Refusal change(const Connection& connection, Principal& principal,
                               const LiveSession& session, const Key32& next);
  void changed(ClientHandle handle, const std::string& identity, std::uint16_t kid,
               const Key32& next, bool durable, Millis now);

  Context& context_;
  Postman& postman_;
};

}  // namespace countersign::engine
