#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "countersign/client/pin.hpp"

namespace countersign::cli {

/// Where PINs come from: the reader's own keys, the terminal, without echo, or lines of a file
/// descriptor. Never argv.
class PinInput {
 public:
  void declare(CLI::App& app);
  /// Where a reader's own keys may take its place.
  void declare_pinpad(CLI::App& app);

  /// Asks once.
  [[nodiscard]] client::Outcome<client::Pin> ask(const std::string& prompt) const;
  /// For something new: at a terminal twice, and both must be the same.
  [[nodiscard]] client::Outcome<client::Pin> ask_new(const std::string& prompt) const;
  /// For a key on a card, which asks when it needs one. Borrows.
  [[nodiscard]] client::PinSource source() const;

 private:
  [[nodiscard]] bool from_terminal() const { return fd_ < 0; }
  [[nodiscard]] bool from_reader(const client::PinRequest& request) const;
  [[nodiscard]] client::Status may_try(const client::PinRequest& request) const;

  int fd_ = -1;
  bool last_try_ = false;
  bool pinpad_ = false;
  bool no_pinpad_ = false;
};

}  // namespace countersign::cli
