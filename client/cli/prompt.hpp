#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "countersign/client/pin.hpp"

namespace countersign::cli {

/// Where PINs come from: the terminal, without echo, or lines of a file descriptor. Never argv.
class PinInput {
 public:
  void declare(CLI::App& app);

  /// Asks once.
  [[nodiscard]] client::Outcome<client::Pin> ask(const std::string& prompt) const;
  /// For something new: at a terminal twice, and both must be the same.
  [[nodiscard]] client::Outcome<client::Pin> ask_new(const std::string& prompt) const;
  /// For a key on a card, which asks when it needs one. Borrows.
  [[nodiscard]] client::PinSource source() const;

 private:
  [[nodiscard]] bool from_terminal() const { return fd_ < 0; }

  int fd_ = -1;
};

}  // namespace countersign::cli
