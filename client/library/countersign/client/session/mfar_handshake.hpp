#pragma once

#include <array>

#include "countersign/client/session/handshake.hpp"

namespace countersign::client {

/// MFA_R's two steps from this side (docs/protocol.md, section 6): user and password by CONNECT or
/// by topic, less and less often; then each q of T's gets its `a`, which is good for a while and
/// repeated once. The connection's end is its end.
class MfarHandshake final : public Handshake {
 public:
  /// False if no T would take the password, or there is no memory.
  [[nodiscard]] bool start(RegistrationKey key, const Identity& user, const Options& options);

  [[nodiscard]] std::optional<PasswordClaim> claim() const override;
  [[nodiscard]] std::optional<Sending> due(Millis now) override;
  [[nodiscard]] Millis next_due() const override { return next_due_; }
  void take(const Crypto& crypto, Random& random, ByteView message, Travel travel,
            Millis now) override;
  void demanded(Millis now) override;
  void connected(Millis now) override;
  void connection_ended() override { ended_ = true; }
  void hurry(Millis now) override;
  [[nodiscard]] bool finished() const override { return winner_ != nullptr; }
  [[nodiscard]] bool spent() const override { return ended_ && !finished(); }
  [[nodiscard]] const Agreement& agreement() const override { return winner_->side.agreement(); }

 private:
  /// A q and its `a`.
  struct Answered {
    MfarInitiator side;
    Millis until = 0;  // 0: none
    Travel travel = Travel::plain;
  };

  void take_question(const Crypto& crypto, Random& random, ByteView q, Travel travel, Millis now);
  void take_finished(const Crypto& crypto, ByteView finished);
  [[nodiscard]] Answered* answer_to(const Crypto& crypto, Random& random, ByteView q, Millis now);
  void forget_old(Millis now);

  RegistrationKey key_;
  Identity user_;
  Suite suite_{};
  StepOne step_one_{};
  Patience patience_;
  LockedBuffer message_;  // step 1 by topic

  std::array<Answered, 2> answered_;  // docs/protocol.md: the last two
  Answered* latest_ = nullptr;        // the one whose `a` is repeated
  Answered* winner_ = nullptr;
  bool asked_ = false;  // step 1 was taken, so a q may come
  bool ended_ = false;
  Millis next_due_ = 0;
  Millis step_pause_ = 0;
};

}  // namespace countersign::client
