#pragma once

#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

#include "countersign/bytes.hpp"

/// What libFuzzer calls, and what replay_main.cpp calls with each file of a corpus.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace countersign::fuzz {

/// What must hold whatever the input was.
inline void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

inline void require_same(ByteView a, ByteView b) { require(same_tag(a, b)); }

/// Cuts the fuzzer's bytes into fields. Never runs out: a field then is shorter or 0.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_{std::as_bytes(std::span{data, size})} {}

  std::uint8_t byte() {
    const ByteView one = bytes(1);
    return one.empty() ? std::uint8_t{0} : std::to_integer<std::uint8_t>(one[0]);
  }
  std::uint32_t number() {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) {
      value = value << 8 | byte();
    }
    return value;
  }
  ByteView bytes(std::size_t count) {
    const ByteView head = rest_.first(count < rest_.size() ? count : rest_.size());
    rest_ = rest_.subspan(head.size());
    return head;
  }
  /// A length of one byte, then so many bytes.
  ByteView field() { return bytes(byte()); }
  std::string_view text() { return text_of(field()); }
  ByteView rest() { return bytes(rest_.size()); }
  [[nodiscard]] bool done() const { return rest_.empty(); }

 private:
  ByteView rest_;
};

}  // namespace countersign::fuzz
