#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "countersign/bytes.hpp"
#include "countersign/refusal.hpp"

namespace countersign {

/// How many words a ring needs to reach `window` counters back. One word is kept spare, so that the
/// oldest counters never share it with the newest (RFC 6479, section 2).
[[nodiscard]] constexpr std::size_t ring_words(std::size_t window) {
  return (window + 63) / 64 + 1;
}

/// Remembers which recent counters were spent: a ring of words, so that sliding clears whole words
/// and never shifts bits (RFC 6479).
///
/// The ring is lent by the owner: zeroed, at least two words, outliving the window. Not
/// thread-safe. Spend only authenticated counters: a forger who can move the window can lock a
/// device out.
class ReplayWindow {
 public:
  ReplayWindow() = default;
  /// `newest` is that of a saved window, whose words `ring` then holds.
  explicit ReplayWindow(std::span<std::uint64_t> ring, std::uint32_t newest = 0)
      : ring_{ring}, newest_{newest} {}

  /// How far behind the newest counter a message may arrive.
  [[nodiscard]] std::uint32_t reach() const {
    return static_cast<std::uint32_t>(ring_.size() - 1) * 64;
  }

  /// Marks `counter` as spent.
  /// \returns `replayed` if it already was, `stale` if it is more than `reach()` behind; `internal`
  /// if no ring was lent.
  [[nodiscard]] Refusal spend(std::uint32_t counter);

  [[nodiscard]] std::uint32_t newest() const { return newest_; }
  [[nodiscard]] std::span<const std::uint64_t> ring() const { return ring_; }

 private:
  std::uint64_t& word_of(std::uint32_t counter) { return ring_[counter / 64 % ring_.size()]; }
  void slide_to(std::uint32_t counter);

  std::span<std::uint64_t> ring_;
  std::uint32_t newest_ = 0;
};

/// What became of the last 32 sequence numbers: four bytes of each tag, and the outcome, so that a
/// retransmission gets the answer of the first time (docs/protocol.md, section 1). Not thread-safe.
class Outcomes {
 public:
  static constexpr std::uint32_t kKept = 32;
  static constexpr std::size_t kTagBytesKept = 4;

  struct Outcome {
    Bytes<kTagBytesKept> tag{};
    Refusal why = Refusal::internal;
  };

  /// Keeps the outcome of a sequence number that the window has just spent; of none that is already
  /// `kKept` or more behind `newest`.
  void record(std::uint32_t seq, std::uint32_t newest, ByteView tag, Refusal why);

  /// The answer to a sequence number that the window calls replayed.
  /// \returns `duplicate` or the first refusal for the same tag, `forked` for another one,
  /// `replayed` if it is too long ago to tell.
  [[nodiscard]] Refusal answer(std::uint32_t seq, std::uint32_t newest, ByteView tag) const;

  [[nodiscard]] std::span<Outcome, kKept> all() { return outcomes_; }

 private:
  std::array<Outcome, kKept> outcomes_{};
};

/// The snapshot that tells a sender which of its messages arrived (docs/protocol.md, section 3).
struct Acceptance {
  std::uint32_t edge = 0;    ///< greatest accepted + 1; 0: none yet
  std::uint64_t bitmap = 0;  ///< bit i: edge − 1 − i was accepted

  void add(std::uint32_t seq);
  [[nodiscard]] bool holds(std::uint32_t seq) const;
};

}  // namespace countersign
