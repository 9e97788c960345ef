#pragma once

#include <optional>
#include <string>
#include <vector>

#include "countersign/client/locked.hpp"
#include "countersign/client/outcome.hpp"

namespace countersign::client {

class Client;

/// A command for a device, and the responses that this side can tell apart (docs/protocol.md,
/// section 7). The empty response, "it ran", is always among them.
struct CommandRequest {
  std::string device;
  std::string commander;  ///< whose secret it is; need not be who logged in
  std::string command;    ///< 1–255 bytes
  std::vector<std::string> responses;
  Millis timeout = 10'000;  ///< for all of it
};

/// \returns what of it cannot be, before anything is sent.
[[nodiscard]] Status check_command(const CommandRequest& request);

/// What became of a command.
struct CommandResult {
  bool sent = false;  ///< false: it did not run. true without a response: nobody knows
  std::optional<std::string> response = {};
};

/// A device that listens itself.
struct TcpDevice {
  std::string host;
  std::uint16_t port = 0;
  std::vector<std::byte> wake;  ///< what it waits for before its challenge; may be empty
};
inline constexpr std::size_t kMaxWakeBytes = 64;

/// Sends a command over a client that is logged in, and waits. One command for a device at a time.
/// \returns an error only if the command did not leave.
[[nodiscard]] Outcome<CommandResult> send_command(Client& client, const LockedKey& secret,
                                                  const CommandRequest& request);

/// The same over a TCP connection of its own, without a broker.
[[nodiscard]] Outcome<CommandResult> send_command(const TcpDevice& device, const LockedKey& secret,
                                                  const CommandRequest& request);

}  // namespace countersign::client
