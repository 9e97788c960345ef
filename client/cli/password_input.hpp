#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "countersign/client/locked.hpp"
#include "countersign/client/outcome.hpp"

namespace countersign::cli {

/// Where a password comes from: the terminal, without echo, or a line of a file descriptor. Never
/// argv.
class PasswordInput {
 public:
  void declare(CLI::App& app);

  /// A new one; at a terminal it is asked for twice. \returns it as JSON holds it between its
  /// quotes: 1–65,535 bytes of UTF-8 without control characters.
  [[nodiscard]] client::Outcome<client::LockedBuffer> ask_new(const std::string& prompt) const;

 private:
  int fd_ = -1;
};

}  // namespace countersign::cli
