#pragma once

#include <string>
#include <string_view>

#include "countersign/client/locked.hpp"
#include "countersign/client/outcome.hpp"

namespace countersign::cli {

/// One line that is a secret, wiped when it ends.
class SecretLine {
 public:
  /// What is longer than `room` is cut: give it one more than the longest that is allowed.
  explicit SecretLine(std::size_t room) : memory_{room} {}

  [[nodiscard]] std::string_view view() const;
  [[nodiscard]] bool empty() const { return size_ == 0; }
  void push(char c);
  /// Takes the last character back, all bytes of it.
  void pop();
  void clear() { size_ = 0; }

 private:
  client::LockedBuffer memory_;
  std::size_t size_ = 0;
};

/// Asks for a secret at the terminal, without echo, or with `fd` >= 0 reads a line of that;
/// `option` is the one that names it.
[[nodiscard]] client::Status ask_secret(int fd, const std::string& prompt,
                                        const std::string& option, SecretLine& line);

}  // namespace countersign::cli
