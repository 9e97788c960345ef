#pragma once

#include "countersign/client/session/handshake.hpp"

namespace countersign::client {

/// One A+ handshake from this side, with its repetitions (docs/protocol.md, section 4): m1 on any
/// connection, byte for byte, less and less often; once an m2 opened only m3, on that connection,
/// for a while. Then the epoch is spent.
class AplusHandshake final : public Handshake {
 public:
  enum class Phase : std::uint8_t { first, third, finished, spent };

  /// Makes m1. `key` serves this handshake alone.
  [[nodiscard]] Refusal start(const Crypto& crypto, Random& random, const HandshakeKey& key,
                              std::string_view identity, std::string_view server_id, Suite suite,
                              const Patience& patience);

  [[nodiscard]] std::optional<Sending> due(Millis now) override;
  [[nodiscard]] Millis next_due() const override { return next_due_; }
  void take(const Crypto& crypto, Random& random, ByteView message, Travel travel,
            Millis now) override;
  void demanded(Millis) override {}  // m1 is what T waits for
  void connected(Millis now) override { hurry(now); }
  /// A new connection: m1 is repeated there; behind m2 the epoch is spent.
  void connection_ended() override;
  void hurry(Millis now) override;

  [[nodiscard]] bool finished() const override { return phase_ == Phase::finished; }
  [[nodiscard]] bool spent() const override { return phase_ == Phase::spent; }
  [[nodiscard]] Phase phase() const { return phase_; }
  [[nodiscard]] const Agreement& agreement() const override { return side_.agreement(); }

 private:
  void take_second(const Crypto& crypto, Random& random, ByteView m2, Millis now);
  void take_finished(const Crypto& crypto, ByteView finished);

  AplusInitiator side_;
  Patience patience_;
  Phase phase_ = Phase::first;
  Millis next_due_ = 0;
  Millis pause_ = 0;
  Millis give_up_ = 0;
};

}  // namespace countersign::client
