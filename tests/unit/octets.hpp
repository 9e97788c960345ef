#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "countersign/bytes.hpp"

namespace countersign::test {

/// Bytes that a test owns.
using Octets = std::vector<std::byte>;

[[nodiscard]] inline Octets octets(ByteView bytes) { return {bytes.begin(), bytes.end()}; }
[[nodiscard]] inline Octets octets(std::string_view text) { return octets(bytes_of(text)); }

/// Reads lower-case hex. Throws on anything else, since vectors are not hostile.
[[nodiscard]] Octets from_hex(std::string_view hex);
[[nodiscard]] std::string hex(ByteView bytes);

template <std::size_t N>
[[nodiscard]] Bytes<N> array_of(ByteView bytes) {
  Bytes<N> out{};
  if (bytes.size() != N) {
    throw std::length_error("expected " + std::to_string(N) + " bytes, got " + hex(bytes));
  }
  copy(bytes, out);
  return out;
}

/// `bytes` with bit `index` the other way; bit 0 is the least significant of the first byte.
[[nodiscard]] inline Octets flipped(ByteView bytes, std::size_t index) {
  Octets out = octets(bytes);
  out.at(index / 8) ^= static_cast<std::byte>(1U << (index % 8));
  return out;
}

[[nodiscard]] inline Octets operator+(Octets head, ByteView tail) {
  head.insert(head.end(), tail.begin(), tail.end());
  return head;
}

}  // namespace countersign::test
