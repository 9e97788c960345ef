#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "countersign/base64url.hpp"
#include "countersign/crypto.hpp"
#include "countersign/identity.hpp"
#include "countersign/topics.hpp"

namespace countersign::mcu {

inline constexpr std::size_t kStrangerRandomBytes = 16;
inline constexpr std::size_t kStrangerChars = 1 + base64url_size(kStrangerRandomBytes);

/// The client id of a connection, and what it makes of topics.
class ClientName {
 public:
  /// A throw-away id for shaking hands: `~` and 22 random characters.
  [[nodiscard]] bool make_stranger(Random& random) {
    Bytes<kStrangerRandomBytes> bytes;
    if (!random.fill(bytes)) {
      return false;
    }
    text_[0] = '~';
    size_ = 1 + encode_base64url(bytes, std::span{text_}.subspan(1)).size();
    return size_ == kStrangerChars;
  }

  void set(std::string_view name) {
    size_ = name.size() < text_.size() ? name.size() : text_.size();
    for (std::size_t i = 0; i < size_; ++i) {
      text_[i] = name[i];
    }
  }

  [[nodiscard]] std::string_view text() const { return {text_.data(), size_}; }

  /// True if `topic` is `prefix` and this client id.
  [[nodiscard]] bool is_topic(std::string_view topic, std::string_view prefix) const {
    return topic.size() == prefix.size() + size_ && topic.starts_with(prefix) &&
           topic.ends_with(text());
  }

 private:
  std::array<char, kMaxIdentityBytes> text_{};
  std::size_t size_ = 0;
};

}  // namespace countersign::mcu
