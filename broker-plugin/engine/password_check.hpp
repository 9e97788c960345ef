#pragma once

#include <string_view>

#include "engine/context.hpp"
#include "engine/lockouts.hpp"

namespace countersign::engine {

/// What a password came to.
enum class Credence : std::uint8_t {
  right,
  wrong,
  unseen,  ///< not looked at: there were too many wrong ones
};

/// [MFA_R: AuthServ, step 1] Checks passwords, and how often (docs/protocol.md, section 6,
/// "lock-out").
class PasswordCheck {
 public:
  explicit PasswordCheck(Context& context)
      : context_{context}, lockouts_{context.settings->connections.back_off_max} {}

  /// `principal` is null for a user who does not exist, or has no password.
  [[nodiscard]] Credence judge(const Principal* principal, std::string_view user, ByteView password,
                               std::string_view address, Millis now);

  /// Checks what was not looked at before, now that the device has proved something stronger.
  [[nodiscard]] static bool is_right(const Principal& principal, ByteView password);

  /// A login ended well: `address` is one of the identity's from now on.
  void logged_in(Principal& principal, std::string_view address);

  void reload() { lockouts_.set_max_backoff(context_.settings->connections.back_off_max); }
  void tick(Millis now) { lockouts_.forget(now); }

 private:
  Context& context_;
  Lockouts lockouts_;
};

}  // namespace countersign::engine
