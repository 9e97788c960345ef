#pragma once

#include <optional>
#include <string_view>

#include "countersign/aplus.hpp"
#include "engine/inspector.hpp"
#include "engine/sessions.hpp"

namespace countersign::engine {

/// One message of a handshake, and on whose behalf it came. Borrows.
struct HandshakeMessage {
  Connection& connection;
  std::string_view relayed;  ///< the identity a relay brings it for; else empty
  ByteView bytes;
};

/// Where every handshake ends, whatever its method (docs/protocol.md, section 2).
class Admission {
 public:
  Admission(Context& context, Sessions& sessions, Inspector& inspector)
      : context_{context}, sessions_{sessions}, inspector_{inspector} {}

  /// True as long as the connection makes no more first messages than it may.
  [[nodiscard]] bool within_rate(Connection& connection, Millis now);

  /// The suite that policy and registration leave for `principal`, the stronger one if both.
  [[nodiscard]] std::optional<Suite> suite_of(const Principal& principal) const;
  [[nodiscard]] bool allows(const Principal& principal, Suite suite) const;

  /// Draws level and score, opens the session, and raises the connection unless a relay brought
  /// the handshake. \returns false if the crypto backend fails.
  [[nodiscard]] bool admit(const HandshakeMessage& message, Principal& principal,
                           const Agreement& agreement, Millis now);

  /// Audits what T answers with silence, and counts it against the connection.
  void refuse(const HandshakeMessage& message, std::string_view event, Refusal why, Millis now,
              std::string_view detail = {});

 private:
  void raise(Connection& connection, const Principal& principal, std::uint16_t kid);

  Context& context_;
  Sessions& sessions_;
  Inspector& inspector_;
};

/// What T remembers of the latest session that accepted a message; zeros if there is none.
[[nodiscard]] Receipt last_receipt(const Principal& principal);

}  // namespace countersign::engine
