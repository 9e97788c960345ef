#pragma once

#include <cstdint>
#include <string_view>

#include "countersign/aplus.hpp"
#include "countersign/client/method.hpp"
#include "countersign/client/outcome.hpp"
#include "countersign/client/registration_key.hpp"
#include "countersign/identity.hpp"

namespace countersign::client {

/// What a card signs on itself (docs/protocol.md, section 9).
struct Checksum {
  std::uint32_t counter = 0;
  Tag tag{};
};

/// Whoever can prove an identity: a key file or a card. Used by one thread at a time.
class KeySource {
 public:
  virtual ~KeySource() = default;

  [[nodiscard]] virtual const Identity& identity() const = 0;

  /// Which of the next two it can give.
  [[nodiscard]] virtual Method method() const { return Method::aplus; }

  /// A+: the key of one handshake. Its epoch is durably raised before this returns, so each call
  /// gives another one, also to two processes at once. May wait for a person (PIN).
  [[nodiscard]] virtual Outcome<HandshakeKey> next_handshake_key(std::string_view server_id) = 0;
  /// MFA_R: what one login needs.
  [[nodiscard]] virtual Outcome<RegistrationKey> registration();

  /// True if `checksum` works.
  [[nodiscard]] virtual bool signs_on_card() const { return false; }
  /// Signs one digest on the card. Each call spends a card counter.
  [[nodiscard]] virtual Outcome<Checksum> checksum(const Digest& digest);
};

}  // namespace countersign::client
