#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "countersign/bytes.hpp"
#include "countersign/identity.hpp"

namespace countersign::mcu {

/// `countersign/cmd/<identity>/…`: the topics of Secure IOT commands (docs/protocol.md, section 7).
class CommandTopics {
 public:
  enum class Which : std::uint8_t { wake, challenge, command, response };

  explicit CommandTopics(std::string_view identity) {
    constexpr std::array<std::string_view, 4> kNames{"/wake", "/challenge", "/command",
                                                     "/response"};
    for (std::size_t i = 0; i < kNames.size(); ++i) {
      Writer out{std::as_writable_bytes(std::span{text_[i]})};
      out.raw(bytes_of("countersign/cmd/")).raw(bytes_of(identity)).raw(bytes_of(kNames[i]));
      size_[i] = out.written().size();
    }
  }

  [[nodiscard]] std::string_view text(Which which) const {
    const auto i = static_cast<std::size_t>(which);
    return {text_[i].data(), size_[i]};
  }

 private:
  static constexpr std::size_t kMaxChars = 16 + kMaxIdentityBytes + 10;

  std::array<std::array<char, kMaxChars>, 4> text_{};
  std::array<std::size_t, 4> size_{};
};

}  // namespace countersign::mcu
