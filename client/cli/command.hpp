#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "console.hpp"

namespace CLI {
class App;
}

namespace countersign::cli {

/// One command: what it takes, and what it does.
class Command {
 public:
  Command() = default;
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;
  virtual ~Command() = default;

  /// Adds its options to its place on the command line.
  virtual void declare(CLI::App& app, Console& console) = 0;
  /// \returns the exit code.
  [[nodiscard]] virtual int run(const Console& console) = 0;
};

template <class C>
[[nodiscard]] std::unique_ptr<Command> make_command() {
  return std::make_unique<C>();
}

/// A row of a noun's table: a verb, or a command that stands alone.
struct Entry {
  std::string_view name;
  std::string_view what;
  std::unique_ptr<Command> (*make)();
};

// one file per noun; each gives its rows of the table
[[nodiscard]] std::span<const Entry> setup_commands();
[[nodiscard]] std::span<const Entry> card_commands();
[[nodiscard]] std::unique_ptr<Command> make_card_personalise();
[[nodiscard]] std::unique_ptr<Command> make_card_locate();
[[nodiscard]] std::unique_ptr<Command> make_card_block();
[[nodiscard]] std::unique_ptr<Command> make_card_unblock();
[[nodiscard]] std::unique_ptr<Command> make_card_watch();
[[nodiscard]] std::unique_ptr<Command> make_card_deactivate();
[[nodiscard]] std::unique_ptr<Command> make_card_activate();
[[nodiscard]] std::unique_ptr<Command> make_card_terminate();
[[nodiscard]] std::unique_ptr<Command> make_card_reset();
[[nodiscard]] std::span<const Entry> key_commands();
[[nodiscard]] std::unique_ptr<Command> make_key_from_registration();
[[nodiscard]] std::span<const Entry> login_commands();
[[nodiscard]] std::span<const Entry> publish_commands();
[[nodiscard]] std::span<const Entry> subscribe_commands();
[[nodiscard]] std::span<const Entry> command_commands();
[[nodiscard]] std::span<const Entry> device_commands();
[[nodiscard]] std::unique_ptr<Command> make_device_register();
[[nodiscard]] std::unique_ptr<Command> make_device_rekey();
[[nodiscard]] std::unique_ptr<Command> make_device_register_legacy();
[[nodiscard]] std::unique_ptr<Command> make_device_import();
[[nodiscard]] std::unique_ptr<Command> make_device_watch();
[[nodiscard]] std::span<const Entry> token_commands();
[[nodiscard]] std::span<const Entry> session_commands();
[[nodiscard]] std::span<const Entry> metrics_commands();
[[nodiscard]] std::span<const Entry> agent_commands();
[[nodiscard]] std::span<const Entry> config_commands();
[[nodiscard]] std::span<const Entry> doctor_commands();

}  // namespace countersign::cli
