#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "countersign/crypto.hpp"
#include "countersign/result.hpp"

/// Secure IOT commands, hardened (docs/protocol.md, section 7). C = commander, S = the device that
/// runs the command, K = what the two share. The command itself is never sent.
namespace countersign {

inline constexpr std::size_t kCommandChallengeBytes = 16;
inline constexpr std::size_t kCommandNonceBytes = 8;
inline constexpr std::size_t kCommandMessageBytes = kCommandNonceBytes + kTagBytes;
inline constexpr std::size_t kResponseMessageBytes = kTagBytes;
inline constexpr std::size_t kMaxCommandBytes = 255;  // of a command, and of a response
inline constexpr std::size_t kMaxCommanders = 32;
inline constexpr std::size_t kOpenChallenges = 4;
inline constexpr Millis kChallengeLifeMs = 5'000;

static_assert(kCommandMessageBytes == 24, "docs/protocol.md, section 7, says 24");
static_assert(kResponseMessageBytes == 16, "docs/protocol.md, section 7, says 16");

using CommandChallenge = Bytes<kCommandChallengeBytes>;
using CommandNonce = Bytes<kCommandNonceBytes>;

/// What K gives to one commander and one device.
struct CommandKey {
  Key32 command;   ///< Kc
  Key32 response;  ///< Ks
};

/// Kc and Ks of K: Expand(K, "cmd c" | "cmd s", s8(device) || s8(commander)).
/// \returns false also if one of the two is no identity.
[[nodiscard]] bool derive_command_key(const MacKey& k, std::string_view device,
                                      std::string_view commander, CommandKey& out);
[[nodiscard]] bool derive_command_key(const Crypto& crypto, const Key32& k, std::string_view device,
                                      std::string_view commander, CommandKey& out);

/// The challenge of a device without a random source: Expand(K, "cmd n", u32 boot || u32 n)[16].
[[nodiscard]] bool count_challenge(const MacKey& k, std::uint32_t boot, std::uint32_t n,
                                   std::span<std::byte, kCommandChallengeBytes> out);

/// The challenges of one boot, whose number was raised durably before. Whoever has K can tell them
/// in advance. Borrows k.
class CountedChallenges final : public Random {
 public:
  CountedChallenges(const MacKey& k, std::uint32_t boot) : k_{k}, boot_{boot} {}

  /// \returns false for anything but a challenge's size, and when the numbers of this boot are used
  /// up.
  [[nodiscard]] bool fill(MutableBytes out) override {
    constexpr std::uint32_t kEnd = 0xFFFF'FFFF;
    return out.size() == kCommandChallengeBytes && n_ != kEnd &&
           count_challenge(k_, boot_, n_++, out.first<kCommandChallengeBytes>());
  }

 private:
  const MacKey& k_;
  std::uint32_t boot_;
  std::uint32_t n_ = 0;
};

/// One that may command this device. Borrows.
struct Commander {
  std::string_view identity;
  const CommandKey* key = nullptr;
};

/// A command that S took and is to run: which one it is, of whom, and what its response answers.
struct TakenCommand {
  std::size_t commander = 0;  ///< index of the list given to the responder
  std::size_t command = 0;    ///< likewise
  CommandChallenge challenge{};
  CommandNonce nonce{};
};

/// Side S. Borrows its lists, which must outlive it. Not thread-safe.
///
/// A command is tried against each open challenge, with the key of each commander and each command
/// of the list, in time that depends on how many of these there are and on nothing else.
class CommandResponder {
 public:
  /// At most `kMaxCommanders`; commands have 1–255 bytes. Otherwise all is refused as `internal`.
  CommandResponder(std::span<const Commander> commanders,
                   std::span<const std::string_view> commands);

  /// Opens a challenge to be sent, in the place of the oldest if four are open.
  /// \returns `internal` without random bytes; nothing changed then.
  [[nodiscard]] Result<CommandChallenge> challenge(Random& random, Millis now);

  /// Takes a command message where challenges are for all (MQTT). A right one spends its challenge
  /// for its commander alone, a wrong one spends the oldest open challenge for everybody.
  /// \returns `malformed`, `stale` (no challenge is open), `replayed` (spent by this commander
  /// before), `bad_tag`, or `internal`. Only `bad_tag` spends anything.
  [[nodiscard]] Result<TakenCommand> take(const Crypto& crypto, ByteView message, Millis now);

  /// Takes the command message of a connection that has a challenge of its own (TCP), which is
  /// spent by any answer. \returns as above; `stale` if the challenge is not open any more.
  [[nodiscard]] Result<TakenCommand> take(const Crypto& crypto, const CommandChallenge& own,
                                          ByteView message, Millis now);

  /// The response message, when the command has run and `response` (0–255 bytes) came of it.
  [[nodiscard]] Result<Tag> respond(const Crypto& crypto, const TakenCommand& taken,
                                    std::string_view response) const;

  [[nodiscard]] bool is_open(const CommandChallenge& own, Millis now) const {
    return find(own, now) != nullptr;
  }
  /// Closes a challenge whose connection ended.
  void close(const CommandChallenge& own);

 private:
  struct Slot {
    CommandChallenge challenge{};
    Millis made = 0;
    std::uint32_t spent_by = 0;  // a bit for each commander
    bool open = false;
  };
  using Slots = std::array<Slot, kOpenChallenges>;

  [[nodiscard]] static bool is_live(const Slot& slot, Millis now);
  [[nodiscard]] const Slot* find(const CommandChallenge& own, Millis now) const;
  [[nodiscard]] Refusal spend_oldest(Millis now);
  [[nodiscard]] bool search(const Crypto& crypto, std::size_t slot, ByteView message,
                            std::size_t& found) const;
  [[nodiscard]] Result<TakenCommand> accept(std::size_t found, ByteView message);

  std::span<const Commander> commanders_;
  std::span<const std::string_view> commands_;
  Slots slots_{};
  std::size_t next_ = 0;  // the slot that waited longest
  bool usable_ = false;
};

/// Side C of one command. Made for one; not thread-safe; wipes itself.
class CommandInitiator {
 public:
  /// Makes the command message, once, for S's challenge. Borrows `command`, of 1–255 bytes, and
  /// returns bytes that belong to this.
  /// \returns `malformed` if that is no challenge, `internal` for the rest.
  [[nodiscard]] Result<ByteView> command(const Crypto& crypto, Random& random,
                                         const CommandKey& key, ByteView challenge,
                                         std::string_view command);

  /// Which of `responses` S gave, each tried, in time that depends on the list alone.
  /// \returns `malformed`, `bad_tag` (none of these, or not of S: what became of the command is
  /// unknown) or `internal`. Changes nothing.
  [[nodiscard]] Result<std::size_t> recognise(const Crypto& crypto, ByteView message,
                                              std::span<const std::string_view> responses) const;

 private:
  Key32 response_key_;
  CommandChallenge challenge_{};
  Bytes<kCommandMessageBytes> message_{};
  std::string_view command_;
  bool made_ = false;
};

}  // namespace countersign
