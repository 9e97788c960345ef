#pragma once

#include <CLI/CLI.hpp>
#include <memory>

#include "tools/console.hpp"

namespace countersign::mcu::tools {

/// One command: what it takes, and what it does.
class Command {
 public:
  Command() = default;
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;
  virtual ~Command() = default;

  /// Adds itself to the command line. \returns its place there.
  virtual CLI::App* declare(CLI::App& app, Console& console) = 0;
  /// \returns the exit code.
  [[nodiscard]] virtual int run(const Console& console) = 0;
};

[[nodiscard]] std::unique_ptr<Command> make_provision();
[[nodiscard]] std::unique_ptr<Command> make_inspect();
[[nodiscard]] std::unique_ptr<Command> make_readings();

}  // namespace countersign::mcu::tools
