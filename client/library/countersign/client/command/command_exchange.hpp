#pragma once

#include <chrono>

#include "countersign/client/command/command_request.hpp"
#include "countersign/command.hpp"
#include "openssl/crypto.hpp"

namespace countersign::client {

using CommandDeadline = std::chrono::steady_clock::time_point;

/// When a command that begins now is given up.
[[nodiscard]] inline CommandDeadline deadline_of(const CommandRequest& request) {
  return std::chrono::steady_clock::now() + std::chrono::milliseconds{request.timeout};
}

/// The commander's side of one command, whatever carries it. Borrows the request.
class CommandExchange {
 public:
  explicit CommandExchange(const CommandRequest& request);

  /// \returns what is wrong with the request.
  [[nodiscard]] Status prepare(const LockedKey& secret);
  /// The command message for a challenge, once. Borrows from this. Empty for what is no challenge.
  [[nodiscard]] ByteView answer(ByteView challenge);
  /// The response, if that is one to this command.
  [[nodiscard]] std::optional<std::string> recognise(ByteView message) const;

 private:
  const CommandRequest& request_;
  std::vector<std::string_view> responses_{std::string_view{}};
  openssl::OpenSslCrypto crypto_;
  openssl::OpenSslRandom random_;
  CommandKey key_;
  CommandInitiator side_;
};

}  // namespace countersign::client
