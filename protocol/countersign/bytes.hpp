#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace countersign {

using ByteView = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;
template <std::size_t N>
using Bytes = std::array<std::byte, N>;

/// Milliseconds since the Unix epoch, or a length of time in milliseconds. Always passed in.
using Millis = std::int64_t;

inline constexpr std::uint32_t kMaxVbi = (1U << 28) - 1;
inline constexpr std::size_t kMaxVbiBytes = 4;

/// The bytes of `text`. Borrows.
[[nodiscard]] inline ByteView bytes_of(std::string_view text) {
  return std::as_bytes(std::span{text.data(), text.size()});
}

/// The characters of `bytes`. Borrows; promises nothing of their encoding.
[[nodiscard]] inline std::string_view text_of(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Compares in time that depends on the lengths alone.
[[nodiscard]] bool same_tag(ByteView a, ByteView b);

/// Overwrites `bytes` in a way the compiler may not leave out.
[[gnu::noinline]] void wipe(MutableBytes bytes);

/// How many bytes `value` takes as an MQTT Variable Byte Integer. `value` ≤ `kMaxVbi`.
[[nodiscard]] constexpr std::size_t vbi_size(std::uint32_t value) {
  return value < (1U << 7) ? 1 : value < (1U << 14) ? 2 : value < (1U << 21) ? 3 : 4;
}

/// Copies as much of `from` as fits.
constexpr void copy(ByteView from, MutableBytes to) {
  for (std::size_t i = 0; i < from.size() && i < to.size(); ++i) {
    to[i] = from[i];
  }
}

/// Walks a buffer front to back. An overrun or a number in other than its shortest form sticks:
/// every later read yields zeroes and `ok()` stays false, so a parser checks once, at its end.
class Reader {
 public:
  constexpr explicit Reader(ByteView bytes) : all_{bytes}, rest_{bytes} {}

  /// An unsigned number, big-endian.
  template <std::unsigned_integral U>
  constexpr U be() {
    U value = 0;
    for (const std::byte b : take(sizeof(U))) {
      value = static_cast<U>(static_cast<U>(value << 7U << 1U) | std::to_integer<U>(b));
    }
    return value;
  }

  /// MQTT Variable Byte Integer (MQTT 5, 1.5.5), minimal form only, at most `max_bytes` long.
  constexpr std::uint32_t vbi(std::size_t max_bytes = kMaxVbiBytes) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < max_bytes; ++i) {
      const auto b = be<std::uint8_t>();
      value |= static_cast<std::uint32_t>(b & 0x7FU) << (7 * i);
      if ((b & 0x80U) == 0) {
        ok_ = ok_ && (i == 0 || b != 0);
        return ok_ ? value : 0;
      }
    }
    ok_ = false;
    return 0;
  }

  template <std::size_t N>
  constexpr Bytes<N> array() {
    Bytes<N> out{};
    std::size_t i = 0;
    for (const std::byte b : take(N)) {
      out[i++] = b;
    }
    return out;
  }

  /// The next `count` bytes. Borrows from the buffer given at construction.
  constexpr ByteView take(std::size_t count) {
    if (!ok_ || count > rest_.size()) {
      ok_ = false;
      return {};
    }
    const ByteView head = rest_.first(count);
    rest_ = rest_.subspan(count);
    front_ += count;
    return head;
  }

  /// The last `count` bytes. Borrows.
  constexpr ByteView take_back(std::size_t count) {
    if (!ok_ || count > rest_.size()) {
      ok_ = false;
      return {};
    }
    const ByteView tail = rest_.last(count);
    rest_ = rest_.first(rest_.size() - count);
    return tail;
  }

  /// `s8`, a length of one byte, then so many bytes. Borrows.
  constexpr ByteView s8() { return take(be<std::uint8_t>()); }
  /// `s16`, a length of two bytes, then so many bytes. Borrows.
  constexpr ByteView s16() { return take(be<std::uint16_t>()); }
  /// Everything not yet read. Borrows.
  constexpr ByteView rest() { return take(rest_.size()); }
  /// Everything already read from the front. Borrows.
  [[nodiscard]] constexpr ByteView read() const { return all_.first(front_); }

  [[nodiscard]] constexpr bool ok() const { return ok_; }
  /// True if all was well and nothing is left over.
  [[nodiscard]] constexpr bool done() const { return ok_ && rest_.empty(); }

 private:
  ByteView all_;
  ByteView rest_;
  std::size_t front_ = 0;
  bool ok_ = true;
};

/// Fills a buffer front to back. Running out of room sticks: `ok()` stays false.
class Writer {
 public:
  constexpr explicit Writer(MutableBytes room) : room_{room} {}

  template <std::unsigned_integral U>
  constexpr Writer& be(U value) {
    for (std::size_t i = sizeof(U); i > 0; --i) {
      byte(static_cast<std::byte>(static_cast<std::uint8_t>(value >> (8 * (i - 1)))));
    }
    return *this;
  }

  constexpr Writer& vbi(std::uint32_t value) {
    ok_ = ok_ && value <= kMaxVbi;
    do {
      const std::uint32_t more = value >> 7 != 0 ? 0x80U : 0;
      byte(static_cast<std::byte>((value & 0x7FU) | more));
      value >>= 7;
    } while (value != 0 && ok_);
    return *this;
  }

  constexpr Writer& raw(ByteView bytes) {
    copy(bytes, claim(bytes.size()));
    return *this;
  }

  constexpr Writer& s8(ByteView bytes) {
    ok_ = ok_ && bytes.size() <= std::numeric_limits<std::uint8_t>::max();
    return be(static_cast<std::uint8_t>(bytes.size())).raw(bytes);
  }

  constexpr Writer& s16(ByteView bytes) {
    ok_ = ok_ && bytes.size() <= std::numeric_limits<std::uint16_t>::max();
    return be(static_cast<std::uint16_t>(bytes.size())).raw(bytes);
  }

  /// Room for `count` bytes that somebody else fills; empty if there is none. Borrows.
  constexpr MutableBytes claim(std::size_t count) {
    if (!ok_ || count > room_.size() - used_) {
      ok_ = false;
      return {};
    }
    used_ += count;
    return room_.subspan(used_ - count, count);
  }

  /// What was written so far. Borrows.
  [[nodiscard]] constexpr ByteView written() const { return room_.first(used_); }
  [[nodiscard]] constexpr bool ok() const { return ok_; }

 private:
  constexpr void byte(std::byte b) {
    if (!ok_ || used_ == room_.size()) {
      ok_ = false;
      return;
    }
    room_[used_++] = b;
  }

  MutableBytes room_;
  std::size_t used_ = 0;
  bool ok_ = true;
};

/// The two bytes of `value`, big-endian: the length before a long field that is hashed in parts.
[[nodiscard]] constexpr Bytes<2> be16(std::size_t value) {
  return {static_cast<std::byte>((value >> 8) & 0xFFU), static_cast<std::byte>(value & 0xFFU)};
}

[[nodiscard]] constexpr Bytes<4> be32(std::uint32_t value) {
  return {static_cast<std::byte>(value >> 24), static_cast<std::byte>((value >> 16) & 0xFFU),
          static_cast<std::byte>((value >> 8) & 0xFFU), static_cast<std::byte>(value & 0xFFU)};
}

/// The first `count` characters of `text`, or all of it.
[[nodiscard]] constexpr std::string_view head_of(std::string_view text, std::size_t count) {
  return {text.data(), count < text.size() ? count : text.size()};
}

/// What follows the first `count` characters of `text`, or nothing.
[[nodiscard]] constexpr std::string_view tail_of(std::string_view text, std::size_t count) {
  return count < text.size() ? std::string_view{text.data() + count, text.size() - count}
                             : std::string_view{};
}

}  // namespace countersign
