#pragma once

#include <memory>
#include <optional>

#include "countersign/client/key_source.hpp"
#include "countersign/client/options.hpp"
#include "countersign/mfar.hpp"

namespace countersign::client {

/// How a message of a handshake travels: as it is on the handshake topics, or as the payload of an
/// envelope of the present session.
enum class Travel : std::uint8_t { plain, in_session };

/// A login from this side, with its repetitions, whatever its method. No MQTT, no clock. Not
/// thread-safe.
class Handshake {
 public:
  /// Borrows from the handshake.
  struct Sending {
    ByteView message;
    Travel travel = Travel::plain;
  };

  /// One of the method that `key` has.
  [[nodiscard]] static Outcome<std::unique_ptr<Handshake>> make(const Options& options,
                                                                KeySource& key,
                                                                const Crypto& crypto,
                                                                Random& random);
  Handshake() = default;
  Handshake(const Handshake&) = delete;
  Handshake& operator=(const Handshake&) = delete;
  virtual ~Handshake() = default;

  /// What CONNECT carries for it, if anything. Borrows from this.
  [[nodiscard]] virtual std::optional<PasswordClaim> claim() const { return std::nullopt; }

  /// What to send now, if anything is due.
  [[nodiscard]] virtual std::optional<Sending> due(Millis now) = 0;
  /// When `due` or `spent` has to be asked again.
  [[nodiscard]] virtual Millis next_due() const = 0;

  /// Takes a message of T's. What does not open or fit is ignored.
  virtual void take(const Crypto& crypto, Random& random, ByteView message, Travel travel,
                    Millis now) = 0;

  /// T wants this login and says what comes next.
  virtual void demanded(Millis now) = 0;
  /// CONNECT was answered.
  virtual void connected(Millis now) = 0;
  virtual void connection_ended() = 0;
  /// The first message leaves at once, whatever the back-off says.
  virtual void hurry(Millis now) = 0;

  [[nodiscard]] virtual bool finished() const = 0;
  /// Only another one can still succeed.
  [[nodiscard]] virtual bool spent() const = 0;
  /// Valid once `finished`.
  [[nodiscard]] virtual const Agreement& agreement() const = 0;
  [[nodiscard]] const Receipt& receipt() const { return receipt_; }

 protected:
  Receipt receipt_;
};

}  // namespace countersign::client
