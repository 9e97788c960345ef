#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

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

  /// True as long as the connection, or whom its relay brings, makes no more first messages than it
  /// may.
  [[nodiscard]] bool within_rate(const HandshakeMessage& message, Millis now);
  /// True if the connection is another identity's already: nobody may make it this one's.
  [[nodiscard]] static bool is_anothers(const HandshakeMessage& message, std::string_view identity);
  /// Forgets old rates.
  void tick(Millis now);

  /// The suite that policy and registration leave for `principal`, the stronger one if both.
  [[nodiscard]] std::optional<Suite> suite_of(const Principal& principal) const;
  [[nodiscard]] bool allows(const Principal& principal, Suite suite) const;

  /// Draws level and score, opens the session, and raises the connection unless a relay brought
  /// the handshake. \returns false if the connection is another identity's, the kid is
  /// taken, or the crypto backend fails; nothing has changed then, but for the last.
  [[nodiscard]] bool admit(const HandshakeMessage& message, Principal& principal,
                           const Agreement& agreement, Millis now);

  /// Audits what T answers with silence, and counts it against the connection.
  void refuse(const HandshakeMessage& message, std::string_view event, Refusal why, Millis now,
              std::string_view detail = {});

 private:
  void raise(Connection& connection, const Principal& principal, std::uint16_t kid);

  struct Rate {
    Millis since = 0;
    unsigned count = 0;
  };

  Context& context_;
  Sessions& sessions_;
  Inspector& inspector_;
  std::map<std::pair<std::uint64_t, std::string>, Rate> rates_;  ///< by serial: handles come again
};

/// What T remembers of the latest session that accepted a message; zeros if there is none.
[[nodiscard]] Receipt last_receipt(const Principal& principal);

}  // namespace countersign::engine
