#pragma once

#include <array>

#include "countersign/command.hpp"
#include "openssl/crypto.hpp"
#include "unit/octets.hpp"
#include "unit/scripted_random.hpp"

namespace countersign::test {

inline constexpr std::array<std::string_view, 3> kCommandList{"open", "close", "1"};
inline constexpr std::array<std::string_view, 3> kResponseList{"", "done", "jammed"};

[[nodiscard]] inline Key32 command_secret(char mark) {
  Key32 k;
  for (std::byte& b : k.fill()) {
    b = static_cast<std::byte>(mark);
  }
  return k;
}

/// A valve and the two panels that may command it.
struct CommandScene {
  explicit CommandScene(const Crypto& backend) : crypto{backend} {
    ready = derive_command_key(crypto, command_secret('1'), "valve-3", "panel-1", keys[0]) &&
            derive_command_key(crypto, command_secret('2'), "valve-3", "panel-2", keys[1]);
  }
  CommandScene(const CommandScene&) = delete;
  CommandScene& operator=(const CommandScene&) = delete;

  [[nodiscard]] CommandChallenge wake(Millis now = 0) {
    const auto made = device.challenge(random, now);
    return made ? *made : CommandChallenge{};
  }

  /// The message of a panel for `command`.
  [[nodiscard]] Octets message(std::size_t panel, const CommandChallenge& challenge,
                               std::string_view command) {
    CommandInitiator side;
    const auto made = side.command(crypto, random, keys[panel], challenge, command);
    return made ? octets(*made) : Octets{};
  }

  const Crypto& crypto;
  bool ready = false;
  std::array<CommandKey, 2> keys;
  std::array<Commander, 2> commanders{
      {{.identity = "panel-1", .key = &keys[0]}, {.identity = "panel-2", .key = &keys[1]}}};
  CommandResponder device{commanders, kCommandList};
  SeededRandom random;
};

}  // namespace countersign::test
