#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "countersign/bytes.hpp"

namespace countersign::mcu {

/// Which numbers were signed under the present session: only rising ones, and the latest few once
/// more for the very same message. So nobody who can ask for signatures gets two for one number.
class SentTags {
 public:
  static constexpr std::size_t kKept = 8;
  static constexpr std::size_t kTagBytesKept = 8;

  /// True if `seq` may be signed at all: it is greater than all before, or one of the latest.
  [[nodiscard]] bool may_sign(std::uint32_t seq) const {
    return !any_ || seq > newest_ || find(seq) != nullptr;
  }

  /// Takes the tag made for `seq`. \returns false if another message had that number.
  [[nodiscard]] bool take(std::uint32_t seq, ByteView tag) {
    const ByteView kept = tag.first(kTagBytesKept);
    if (const Sent* const before = find(seq)) {
      return same_tag(before->tag, kept);
    }
    if (any_ && seq <= newest_) {
      return false;
    }
    Sent& oldest = sent_[at_++ % kKept];
    oldest.seq = seq;
    oldest.set = true;
    copy(kept, oldest.tag);
    newest_ = seq;
    any_ = true;
    return true;
  }

  /// A new session: every number is free again.
  void clear() { *this = {}; }

 private:
  struct Sent {
    std::uint32_t seq = 0;
    bool set = false;
    Bytes<kTagBytesKept> tag{};
  };

  [[nodiscard]] const Sent* find(std::uint32_t seq) const {
    for (const Sent& one : sent_) {
      if (one.set && one.seq == seq) {
        return &one;
      }
    }
    return nullptr;
  }

  std::array<Sent, kKept> sent_{};
  std::size_t at_ = 0;
  std::uint32_t newest_ = 0;
  bool any_ = false;
};

}  // namespace countersign::mcu
