#pragma once

#include <optional>

#include "countersign/aplus.hpp"
#include "countersign/client/options.hpp"

namespace countersign::client {

/// One A+ handshake from this side, with its repetitions (docs/protocol.md, section 4): m1 on any
/// connection, byte for byte, less and less often; once an m2 opened only m3, on that connection,
/// for a while. Then the epoch is spent. No MQTT, no clock.
class Handshake {
 public:
  enum class Phase : std::uint8_t { first, third, finished, spent };

  /// Makes m1. `key` serves this handshake alone.
  [[nodiscard]] Refusal start(const Crypto& crypto, Random& random, const HandshakeKey& key,
                              std::string_view identity, std::string_view server_id, Suite suite,
                              const Patience& patience);

  /// What to send now, if anything is due. Borrows from this.
  [[nodiscard]] std::optional<ByteView> due(Millis now);
  /// When `due` or `spent` has to be asked again.
  [[nodiscard]] Millis next_due() const { return next_due_; }

  /// Takes a message from `countersign/auth/<client id>`. What does not open is ignored.
  void take(const Crypto& crypto, Random& random, ByteView message, Millis now);

  /// A new connection: m1 is repeated there; behind m2 the epoch is spent.
  void connection_ended();
  /// m1 leaves at once, whatever the back-off says.
  void hurry(Millis now);

  [[nodiscard]] Phase phase() const { return phase_; }
  /// Valid once `finished`.
  [[nodiscard]] const Agreement& agreement() const { return side_.agreement(); }
  [[nodiscard]] const Receipt& receipt() const { return receipt_; }

 private:
  void take_second(const Crypto& crypto, Random& random, ByteView m2, Millis now);
  void take_finished(const Crypto& crypto, ByteView finished);

  AplusInitiator side_;
  Patience patience_;
  Receipt receipt_;
  Phase phase_ = Phase::first;
  Millis next_due_ = 0;
  Millis pause_ = 0;
  Millis give_up_ = 0;
};

}  // namespace countersign::client
