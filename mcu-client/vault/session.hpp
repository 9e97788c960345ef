#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "countersign/aplus.hpp"
#include "countersign/envelope.hpp"
#include "countersign/keys.hpp"
#include "countersign/replay_window.hpp"
#include "countersign/resume.hpp"
#include "vault/seams.hpp"
#include "vault/sent_tags.hpp"

namespace countersign::mcu {

/// What is to be signed or sealed. Borrows.
struct Order {
  std::uint32_t seq = 0;
  std::uint8_t flags = 0;  ///< of the envelope: `kSealed`, `kRetainIntent`, `kShortTag`
  std::string_view topic;
  ByteView payload;
};

/// What a down envelope held. Borrows from where it was opened to.
struct Opened {
  ByteView payload;
  bool sealed = false;
};

/// The device's side of one session: its keys, and what was already done with them. Wipes itself.
class DeviceSession {
 public:
  /// `up` is lent: the key that signs, made ready for use.
  explicit DeviceSession(PreparedMac& up) : up_mac_{up} {}
  ~DeviceSession() { up_mac_.forget(); }
  DeviceSession(const DeviceSession&) = delete;
  DeviceSession& operator=(const DeviceSession&) = delete;

  /// Takes the place of the session there was. On failure there is none.
  [[nodiscard]] bool open(const Crypto& crypto, const Agreement& agreement);
  void close();

  [[nodiscard]] bool is_open() const { return kid_ != 0; }
  [[nodiscard]] std::uint16_t kid() const { return kid_; }
  [[nodiscard]] const Key32& sk() const { return sk_; }

  /// Writes the envelope to `out`, which takes `payload.size() + kMaxEnvelopeBytes`. A number is
  /// signed once; one of the latest again only for the very same message.
  /// \returns what was written, borrowed from `out`; `unknown_kid` without a session, `replayed`
  /// for a number that is spent, `malformed`, `too_large` or `internal`. Then `out` is wiped.
  [[nodiscard]] Result<ByteView> sign(const Crypto& crypto, const Order& order, MutableBytes out);

  /// Opens what T signed in this session, once.
  /// \returns the payload, in `room`; `unknown_kid`, `bad_tag`, `replayed`, `stale`, `denied` for
  /// short tags, which change nothing, `too_large` or `malformed`.
  [[nodiscard]] Result<Opened> open_down(const Crypto& crypto, std::string_view topic,
                                         ByteView wire, MutableBytes room);

  /// The password that resumes this session, with an n above all before.
  /// \returns empty on failure. Borrows from `out`.
  [[nodiscard]] std::string_view resume(const Crypto& crypto, std::string_view client_id,
                                        std::span<char> out);
  /// The n of the last `resume`.
  [[nodiscard]] std::uint32_t resume_n() const { return n_; }

 private:
  PreparedMac& up_mac_;
  SealingKey up_;
  DirectionKey down_;
  Key32 sk_;
  SentTags sent_;
  std::array<std::uint64_t, ring_words(64)> ring_{};
  ReplayWindow window_;
  std::uint32_t n_ = 0;
  std::uint16_t kid_ = 0;
};

}  // namespace countersign::mcu
