#pragma once

#include "countersign/command.hpp"

/// The steps of a command that both sides take alike. Private to command_*.cpp.
namespace countersign::commands {

/// What stands for "none" where places in a list count from 1.
inline constexpr std::size_t kNothing = 0;

/// What both tags cover first.
struct Exchange {
  ByteView challenge;
  ByteView nonce;
};

[[nodiscard]] constexpr bool is_command(std::string_view text) {
  return !text.empty() && text.size() <= kMaxCommandBytes;
}

/// HMAC(Kc, chal || cn || s8(cmd))[16]
[[nodiscard]] bool command_tag(const Crypto& crypto, const Key32& key, const Exchange& exchange,
                               std::string_view command, Tag& out);

/// HMAC(Ks, chal || cn || s8(cmd) || s8(resp))[16]
[[nodiscard]] bool response_tag(const Crypto& crypto, const Key32& key, const Exchange& exchange,
                                std::string_view command, std::string_view response, Tag& out);

/// Sets `found` to `place` if the tags are the same, without a branch that tells.
void note_if_same(const Tag& expected, ByteView claimed, std::size_t place, std::size_t& found);

/// Tries each command with the key of each commander, and sets `found` to the place, counted from
/// `before` + 1, of the one that made `claimed`. Never ends early but when the backend fails.
[[nodiscard]] bool try_all(const Crypto& crypto, std::span<const Commander> commanders,
                           std::span<const std::string_view> commands, const Exchange& exchange,
                           ByteView claimed, std::size_t before, std::size_t& found);

}  // namespace countersign::commands
