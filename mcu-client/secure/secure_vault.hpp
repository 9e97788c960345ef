#pragma once

#include "secure/gate.hpp"
#include "vault/signer.hpp"

namespace countersign::mcu {

/// The vault, asked for from the non-secure side: each function does what `Vault` says of it. Where
/// a message is too long for the gate it is `too_large`.
class SecureVault {
 public:
  /// `profile` says who this is, and knows no secret; what it borrows outlives it.
  explicit SecureVault(const Profile& profile);

  [[nodiscard]] Result<std::size_t> begin(MutableBytes out);
  [[nodiscard]] Result<HandshakeStep> take(ByteView message, MutableBytes out);
  void give_up();
  [[nodiscard]] bool answered() const { return state_.answered != 0; }
  [[nodiscard]] Result<std::size_t> answer_again(MutableBytes out) const;

  [[nodiscard]] bool has_session() const { return state_.kid != 0; }
  [[nodiscard]] std::uint16_t kid() const { return state_.kid; }
  [[nodiscard]] std::uint16_t old_kid() const { return state_.old_kid; }
  [[nodiscard]] bool settle();

  [[nodiscard]] Result<ByteView> sign(const Order& order, MutableBytes out);
  [[nodiscard]] Result<Opened> open_down(std::string_view topic, ByteView wire, MutableBytes room);
  [[nodiscard]] std::string_view resume(std::string_view client_id, std::span<char> out);
  [[nodiscard]] std::uint32_t resume_n() const { return state_.resume_n; }
  [[nodiscard]] bool digest_will(const Will& will, Digest& out) const;

  [[nodiscard]] Result<std::uint32_t> next_reading();
  [[nodiscard]] Result<std::uint32_t> next_control(std::uint32_t least);
  [[nodiscard]] std::uint32_t upcoming() const { return state_.upcoming; }

  [[nodiscard]] Result<std::size_t> rekey(MutableBytes out);
  [[nodiscard]] Refusal rekeyed(ByteView message);
  [[nodiscard]] bool is_rekeying() const { return state_.rekeying != 0; }

  [[nodiscard]] Result<CommandChallenge> challenge(Millis now);
  [[nodiscard]] Result<TakenCommand> take_command(ByteView message, Millis now);
  [[nodiscard]] Result<TakenCommand> take_command(const CommandChallenge& own, ByteView message,
                                                  Millis now);
  [[nodiscard]] Result<Tag> respond(const TakenCommand& taken, std::string_view response) const;

  [[nodiscard]] const Profile& profile() const { return profile_; }

 private:
  [[nodiscard]] Refusal ask(const GateRequest& request);
  [[nodiscard]] Result<std::size_t> ask_size(const GateRequest& request);
  [[nodiscard]] Result<std::uint32_t> ask_number(const GateRequest& request);

  Profile profile_;
  GateState state_;
  GateReply reply_;
};

static_assert(Signer<SecureVault>);

/// Random bytes of the secure side.
class SecureRandom final : public Random {
 public:
  [[nodiscard]] bool fill(MutableBytes out) override;
};

/// What this device was told, without secrets. \returns its size, 0 on failure.
[[nodiscard]] std::size_t fetch_settings(MutableBytes out);

}  // namespace countersign::mcu
