#pragma once

#include <array>
#include <cstdint>

#include "secure/gate.hpp"
#include "vault/vault.hpp"

namespace countersign::mcu {

/// Does what the non-secure side asks, with copies of what it gave. Knows nothing of memory. The
/// other side tells the time too: it can keep a challenge open by standing still, and no more.
class GateDesk {
 public:
  struct Parts {
    Vault& vault;
    const Crypto& crypto;
    Random& random;
    ByteView settings;  ///< as they stand in the provisioning page
  };

  /// What was copied from the other side, and room for what goes back.
  struct Passed {
    ByteView in;
    std::string_view text;
    MutableBytes out;
  };

  explicit GateDesk(const Parts& parts) : parts_{parts} {}

  /// \returns `none`, and what the service gives in `reply`; else why not.
  [[nodiscard]] Refusal serve(const GateRequest& request, const Passed& passed, GateReply& reply);

  [[nodiscard]] GateState state() const;

 private:
  [[nodiscard]] Refusal login(const GateRequest& request, const Passed& passed, GateReply& reply);
  [[nodiscard]] Refusal message(const GateRequest& request, const Passed& passed, GateReply& reply);
  [[nodiscard]] Refusal number(const GateRequest& request, GateReply& reply);
  [[nodiscard]] Refusal command(const GateRequest& request, const Passed& passed, GateReply& reply);
  [[nodiscard]] bool take_time(Millis told);
  [[nodiscard]] Refusal hash(const Passed& passed, GateReply& reply) const;

  Parts parts_;
  Millis now_ = 0;  // the greatest that was told
};

}  // namespace countersign::mcu
