#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "countersign/bytes.hpp"
#include "countersign/identity.hpp"

namespace countersign::mcu {

/// Secure IOT's topics (docs/protocol.md, section 7), `countersign/cmd/<identity>/…`.
inline constexpr std::string_view kCommandPrefix = "countersign/cmd/";
inline constexpr std::string_view kWake = "/wake";
inline constexpr std::string_view kChallenge = "/challenge";
inline constexpr std::string_view kCommand = "/command";
inline constexpr std::string_view kResponse = "/response";
inline constexpr std::size_t kMaxCommandTopicBytes =
    kCommandPrefix.size() + kMaxIdentityBytes + kChallenge.size();

/// One of them, by value.
class CommandTopic {
 public:
  CommandTopic(std::string_view identity, std::string_view which) {
    Writer out{std::as_writable_bytes(std::span{text_})};
    out.raw(bytes_of(kCommandPrefix)).raw(bytes_of(identity)).raw(bytes_of(which));
    size_ = out.written().size();
  }

  [[nodiscard]] std::string_view text() const { return {text_.data(), size_}; }

 private:
  std::array<char, kMaxCommandTopicBytes> text_{};
  std::size_t size_ = 0;
};

}  // namespace countersign::mcu
