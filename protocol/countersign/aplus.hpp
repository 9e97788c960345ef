#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "countersign/crypto.hpp"
#include "countersign/identity.hpp"
#include "countersign/receipt.hpp"
#include "countersign/result.hpp"

/// A+: MAISTS A, hardened (docs/protocol.md, section 4). A = device or card, T = trusted server.
namespace countersign {

inline constexpr std::uint8_t kFirstMark = 0x11;
inline constexpr std::uint8_t kSecondMark = 0x12;
inline constexpr std::uint8_t kThirdMark = 0x13;
inline constexpr std::uint8_t kFinishedMark = 0x14;

inline constexpr std::size_t kChallengeBytes = 16;
inline constexpr std::size_t kHandshakeNonceBytes = 32;
inline constexpr std::size_t kAuthCodeBytes = 16;
inline constexpr std::uint32_t kMaxEpoch = (1U << 28) - 1;

inline constexpr std::size_t kMaxFirstHeadBytes =
    1 + 1 + (1 + kMaxIdentityBytes) * 2 + 4 + kChallengeBytes;
inline constexpr std::size_t kMaxFirstBytes =
    kMaxFirstHeadBytes + kHandshakeNonceBytes + kAeadTagBytes;
inline constexpr std::size_t kSecondBytes =
    1 + 1 + kChallengeBytes + kHandshakeNonceBytes + kAuthCodeBytes + 2 + kAeadTagBytes;
inline constexpr std::size_t kThirdBytes = 1 + 1 + kHandshakeNonceBytes + kAeadTagBytes;
inline constexpr std::size_t kFinishedBytes = 1 + kReceiptBodyBytes + kTagBytes;

static_assert(kMaxFirstBytes == 200, "docs/protocol.md, section 4, says 200");
static_assert(kSecondBytes == 84, "docs/protocol.md, section 4, says 84");
static_assert(kThirdBytes == 50, "docs/protocol.md, section 4, says 50");
static_assert(kFinishedBytes == 31, "docs/protocol.md, section 4, says 31");

using Challenge = Bytes<kChallengeBytes>;
using AuthCode = Bytes<kAuthCodeBytes>;

/// Suite 1 has forward secrecy (X25519); suite 2 is for parts without Diffie-Hellman.
enum class Suite : std::uint8_t { x25519 = 1, symmetric = 2 };

[[nodiscard]] constexpr bool is_suite(std::uint8_t value) { return value == 1 || value == 2; }

/// The key of one handshake: all that a smart card must compute. Serves one m1 only.
struct HandshakeKey {
  std::uint32_t epoch = 0;
  Challenge r1{};
  Key32 hk;
};

/// hk = Expand(k, "a+ hk", s8(idA) || s8(idT) || u32 epoch || r1), for who holds k in software.
/// Fills in `key.hk` from the epoch and r1 that stand in `key`.
[[nodiscard]] bool derive_handshake_key(const Crypto& crypto, const Key32& k,
                                        std::string_view identity, std::string_view server_id,
                                        HandshakeKey& key);

/// The same with a k that does not show itself.
[[nodiscard]] bool derive_handshake_key(const MacKey& k, std::string_view identity,
                                        std::string_view server_id, HandshakeKey& key);

/// m1 as parsed: claims. Borrows.
///   size  field
///   1     0x11
///   1     suite
///   1+n   s8(idA)
///   1+n   s8(idT)
///   4     epoch
///   16    r1
///   48    AEAD(K1; aad = all before; N1)
struct FirstMessage {
  Suite suite{};
  std::string_view identity;
  std::string_view server_id;
  std::uint32_t epoch = 0;
  Challenge r1{};
  ByteView head;
  ByteView body;
  ByteView tag;
  ByteView whole;
};

/// \returns `malformed` for anything that no A would write.
[[nodiscard]] Result<FirstMessage> parse_first(ByteView m1);

/// What both sides of a finished handshake hold.
struct Agreement {
  AuthCode auth_code{};
  std::uint16_t kid = 0;
  Key32 sk;
};

/// Side T of one handshake. Made for one m1; not thread-safe; wipes itself.
class AplusResponder {
 public:
  /// Opens m1 with the key that the registry holds for its identity. Nothing is to be kept or
  /// answered unless this returns `none`, else `bad_handshake` or `internal`.
  [[nodiscard]] Refusal open(const Crypto& crypto, const Key32& k, const FirstMessage& m1);

  /// Makes m2, once, after `open`. Later calls return the same bytes. Borrows from this.
  [[nodiscard]] Result<ByteView> answer(const Crypto& crypto, Random& random,
                                        const AuthCode& auth_code, std::uint16_t kid);

  /// Checks m3 and derives SK. A wrong m3 changes nothing.
  /// \returns `none` also for the same m3 again, else `malformed`, `bad_handshake` or `internal`.
  [[nodiscard]] Refusal accept(const Crypto& crypto, ByteView m3);

  /// Makes `finished`, once, after `accept`. Later calls return the same bytes. Borrows from this.
  [[nodiscard]] Result<ByteView> finish(const Crypto& crypto, const Receipt& receipt);

  /// SHA-256 of m1: tells the same m1 again from another one.
  [[nodiscard]] const Digest& first_digest() const { return th1_; }
  [[nodiscard]] std::uint32_t epoch() const { return epoch_; }
  [[nodiscard]] ByteView second() const { return {m2_.data(), m2_size_}; }
  [[nodiscard]] ByteView finished() const { return {finished_.data(), finished_size_}; }
  [[nodiscard]] bool accepted() const { return accepted_; }
  /// Valid after `accept`.
  [[nodiscard]] const Agreement& agreement() const { return agreement_; }

 private:
  [[nodiscard]] bool make_second(const Crypto& crypto, Random& random);

  Key32 hk_;
  Key32 n1_;
  Key32 n2_;      // what m2 carries
  Key32 secret_;  // suite 1: the scalar behind n2
  Digest th1_{};
  Digest th2_{};
  Digest th3_{};
  Bytes<kSecondBytes> m2_{};
  Bytes<kFinishedBytes> finished_{};
  Agreement agreement_;
  std::size_t m2_size_ = 0;
  std::size_t finished_size_ = 0;
  std::uint32_t epoch_ = 0;
  Suite suite_{};
  bool opened_ = false;
  bool accepted_ = false;
};

/// Side A of one handshake. Made for one hk; not thread-safe; wipes itself. A makes m1 and m3 once
/// and repeats them byte for byte.
class AplusInitiator {
 public:
  /// Makes m1, once. Borrows from this.
  // not inlined: a device, whose stack is small, has made the key before
  [[nodiscard, gnu::noinline]] Result<ByteView> start(const Crypto& crypto, Random& random,
                                                      const HandshakeKey& key,
                                                      std::string_view identity,
                                                      std::string_view server_id, Suite suite);

  /// Opens m2 and makes m3. The same m2 again gets the same m3; after one m2 opened, every other is
  /// `bad_handshake` and changes nothing. Borrows from this.
  [[nodiscard]] Result<ByteView> answer(const Crypto& crypto, Random& random, ByteView m2);

  /// Checks `finished`, once, and derives SK.
  /// \returns the receipt for this side's latest session that T remembers.
  [[nodiscard]] Result<Receipt> finish(const Crypto& crypto, ByteView finished);

  [[nodiscard]] ByteView first() const { return {m1_.data(), m1_size_}; }
  [[nodiscard]] ByteView third() const { return {m3_.data(), m3_size_}; }
  [[nodiscard]] bool answered() const { return m3_size_ != 0; }
  /// Valid after `finish`.
  [[nodiscard]] const Agreement& agreement() const { return agreement_; }

 private:
  [[nodiscard]] bool make_first(const Crypto& crypto, const HandshakeKey& key,
                                std::string_view identity, std::string_view server_id);
  [[nodiscard]] bool open_second(const Crypto& crypto, ByteView m2);
  [[nodiscard]] Refusal make_third(const Crypto& crypto, Random& random);

  Key32 hk_;
  Key32 n1_;
  Key32 n2_;
  Key32 secret_;
  Digest th1_{};
  Digest th2_{};
  Digest th3_{};
  Bytes<kMaxFirstBytes> m1_{};
  Bytes<kThirdBytes> m3_{};
  Agreement agreement_;
  std::size_t m1_size_ = 0;
  std::size_t m3_size_ = 0;
  Suite suite_{};
  bool finished_ = false;
};

}  // namespace countersign
