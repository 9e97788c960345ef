#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "countersign/aplus.hpp"
#include "countersign/command.hpp"
#include "countersign/mfar.hpp"
#include "countersign/will.hpp"
#include "vault/seams.hpp"
#include "vault/session.hpp"

namespace countersign::mcu {

inline constexpr std::size_t kMaxFields = 8;
inline constexpr std::size_t kMaxPasswordBytes = 64;

/// Every so many numbers one is no reading's: it carries what else must be said in the session, and
/// so finds room between readings that were numbered long ago (docs/mcu.md).
inline constexpr std::uint32_t kControlEvery = 8;

/// How this device proves itself.
enum class Method : std::uint8_t { aplus = 0, mfar = 1 };

/// Who this device is. Borrows from where it was provisioned.
struct Profile {
  std::string_view identity;
  std::string_view server_id;
  Suite suite = Suite::symmetric;
  Method method = Method::aplus;
  ByteView password;          ///< MFA_R, step 1
  RegistrationFields fields;  ///< MFA_R, step 2
};

/// What a message of a handshake led to.
struct HandshakeStep {
  std::size_t answer_bytes = 0;  ///< what stands in `out`, to be sent; 0: nothing
  bool finished = false;         ///< a new session is there
  Receipt receipt;               ///< T's, once finished
};

/// All that knows a key: handshakes, sessions, signatures, and the numbers that go with them. On a
/// part with TrustZone it stands in the secure image and this class is all that the other side can
/// reach. Nothing it returns tells a long-term or a session key. Not thread-safe; never allocates.
class Vault {
 public:
  struct Parts {
    const Crypto& crypto;
    Random& random;
    DeviceKey& key;
    Numbers& numbers;
    PreparedMac& session_mac;
    CommandResponder& commands;
  };

  /// All of `parts`, and what `profile` borrows, outlive it.
  Vault(const Parts& parts, const Profile& profile);

  /// The first message of a handshake: the one that T has not answered yet, byte for byte, else a
  /// new one under a new epoch, durable before it leaves. For MFA_R, step 1.
  /// \returns its size; `expired` at the last epoch, `internal` if the store or the entropy fails.
  [[nodiscard]] Result<std::size_t> begin(MutableBytes out);

  /// Takes m2, q or `finished`.
  /// \returns `bad_handshake` or `malformed`, which change nothing, or `internal`.
  [[nodiscard]] Result<HandshakeStep> take(ByteView message, MutableBytes out);

  /// The handshake that is under way has failed: what T answered is worth nothing any more. An m1
  /// that nobody answered stays.
  void give_up();
  /// True once T has answered: only the same m3 or `a` may be sent now.
  [[nodiscard]] bool answered() const;
  /// The m3 or `a` of the handshake under way, to be sent again.
  [[nodiscard]] Result<std::size_t> answer_again(MutableBytes out) const;

  [[nodiscard]] bool has_session() const { return session_.is_open(); }
  [[nodiscard]] std::uint16_t kid() const { return session_.kid(); }
  /// The kid of the session under which readings were sent before, 0: none. What became of them is
  /// to be asked before any is sent under this one. It outlives a power cut.
  [[nodiscard]] std::uint16_t old_kid() const {
    return numbers_.last_kid() == kid() ? std::uint16_t{0} : numbers_.last_kid();
  }
  /// Nothing is left to ask: readings may be sent under this session. Durable when it returns true.
  [[nodiscard]] bool settle();

  [[nodiscard]] Result<ByteView> sign(const Order& order, MutableBytes out) {
    return session_.sign(crypto_, order, out);
  }
  // not inlined: for a device, whose stack is small, its buffers end before what was said is done
  [[nodiscard, gnu::noinline]] Result<Opened> open_down(std::string_view topic, ByteView wire,
                                                        MutableBytes room) {
    return session_.open_down(crypto_, topic, wire, room);
  }
  [[nodiscard]] std::string_view resume(std::string_view client_id, std::span<char> out) {
    return session_.resume(crypto_, client_id, out);
  }
  [[nodiscard]] std::uint32_t resume_n() const { return session_.resume_n(); }

  /// The digest of a will, for its commitment.
  [[nodiscard, gnu::noinline]] bool digest_will(const Will& will, Digest& out) const {
    return will_digest(crypto_, will, out);
  }

  /// The number of a new reading: never one that was given out before.
  [[nodiscard]] Result<std::uint32_t> next_reading();
  /// The number of a message that is no reading, `least` or greater.
  [[nodiscard]] Result<std::uint32_t> next_control(std::uint32_t least);
  /// No number below it will be given out any more.
  [[nodiscard]] std::uint32_t upcoming() const { return numbers_.upcoming(); }

  /// The message that asks T for another k, in the present session; the same one until `rekeyed`.
  /// The next key is durable before it leaves.
  [[nodiscard]] Result<std::size_t> rekey(MutableBytes out);
  /// T's answer: the next key is the present one from now on, or it never will be.
  /// \returns `none`, `bad_tag` or `malformed`, which change nothing, or `internal`.
  [[nodiscard]] Refusal rekeyed(ByteView message);
  [[nodiscard]] bool is_rekeying() const { return key_.next() != nullptr; }

  /// Secure IOT commands, over MQTT or, with a challenge of its own, over a connection.
  [[nodiscard]] Result<CommandChallenge> challenge(Millis now) {
    return commands_.challenge(random_, now);
  }
  [[nodiscard]] Result<TakenCommand> take_command(ByteView message, Millis now) {
    return commands_.take(crypto_, message, now);
  }
  [[nodiscard]] Result<TakenCommand> take_command(const CommandChallenge& own, ByteView message,
                                                  Millis now) {
    return commands_.take(crypto_, own, message, now);
  }
  [[nodiscard]] Result<Tag> respond(const TakenCommand& taken, std::string_view response) const {
    return commands_.respond(crypto_, taken, response);
  }

  [[nodiscard]] const Profile& profile() const { return profile_; }

 private:
  // not inlined: each one's buffers would stand on the stack of all
  [[nodiscard, gnu::noinline]] Result<std::size_t> begin_aplus(MutableBytes out);
  [[nodiscard, gnu::noinline]] Result<HandshakeStep> take_second(ByteView m2, MutableBytes out);
  [[nodiscard, gnu::noinline]] Result<HandshakeStep> take_question(ByteView q, MutableBytes out);
  [[nodiscard, gnu::noinline]] Result<HandshakeStep> take_finished(ByteView finished);
  [[nodiscard]] Result<HandshakeStep> adopt(const Agreement& agreement, const Receipt& receipt);
  [[nodiscard]] Result<ByteView> answer_with(MfarInitiator& one, ByteView q);
  [[nodiscard]] const MacKey& key() const;
  void forget_first_of(bool other_key);

  const Crypto& crypto_;
  Random& random_;
  DeviceKey& key_;
  Numbers& numbers_;
  CommandResponder& commands_;
  Profile profile_;
  DeviceSession session_;
  AplusInitiator aplus_;
  std::array<MfarInitiator, 3> mfar_;  // the last two, and room for the next
  std::size_t latest_ = 0;             // of mfar_
  std::size_t before_ = 1;             // the one before the latest
  bool under_next_ = false;            // the handshake proves the next key
  std::uint8_t tries_ = 0;             // of this first message, while there are two keys
  Bytes<kMaxFieldValueBytes> room_{};  // for answers; not on the stack, which is small
};

}  // namespace countersign::mcu
