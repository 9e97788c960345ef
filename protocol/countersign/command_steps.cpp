#include "countersign/command_steps.hpp"

#include "countersign/identity.hpp"
#include "countersign/keys.hpp"

namespace countersign {
namespace {

using namespace std::string_view_literals;

constexpr Bytes<1> length_of(std::string_view text) {
  return {static_cast<std::byte>(text.size())};
}

bool tag_of(const Crypto& crypto, const Key32& key, Parts parts, Tag& out) {
  Digest digest;
  const bool ok = crypto.hmac(key.bytes(), parts, digest);
  copy(ByteView{digest}.first<kTagBytes>(), out);
  wipe(digest);
  return ok;
}

}  // namespace

namespace commands {

bool command_tag(const Crypto& crypto, const Key32& key, const Exchange& exchange,
                 std::string_view command, Tag& out) {
  const Bytes<1> length = length_of(command);
  const std::array<ByteView, 4> parts{exchange.challenge, exchange.nonce, length,
                                      bytes_of(command)};
  return tag_of(crypto, key, parts, out);
}

bool response_tag(const Crypto& crypto, const Key32& key, const Exchange& exchange,
                  std::string_view command, std::string_view response, Tag& out) {
  const Bytes<1> length = length_of(command);
  const Bytes<1> end = length_of(response);
  const std::array<ByteView, 6> parts{
      exchange.challenge, exchange.nonce, length, bytes_of(command), end, bytes_of(response)};
  return tag_of(crypto, key, parts, out);
}

void note_if_same(const Tag& expected, ByteView claimed, std::size_t place, std::size_t& found) {
  std::size_t mask = 0 - static_cast<std::size_t>(same_tag(expected, claimed));
  // the optimiser may not know that this is all or nothing, so it cannot branch on it
  __asm__ volatile("" : "+r"(mask));
  found ^= mask & (found ^ place);
}

bool try_all(const Crypto& crypto, std::span<const Commander> commanders,
             std::span<const std::string_view> commands, const Exchange& exchange, ByteView claimed,
             std::size_t before, std::size_t& found) {
  for (const Commander& commander : commanders) {
    for (const std::string_view command : commands) {
      Tag expected;
      if (!command_tag(crypto, commander.key->command, exchange, command, expected)) {
        return false;
      }
      note_if_same(expected, claimed, ++before, found);
    }
  }
  return true;
}

}  // namespace commands

bool derive_command_key(const MacKey& k, std::string_view device, std::string_view commander,
                        CommandKey& out) {
  if (!is_identity(device) || !is_identity(commander)) {
    return false;
  }
  const Bytes<1> device_length = length_of(device);
  const Bytes<1> commander_length = length_of(commander);
  const std::array<ByteView, 4> context{device_length, bytes_of(device), commander_length,
                                        bytes_of(commander)};
  return expand(k, "cmd c"sv, context, out.command) && expand(k, "cmd s"sv, context, out.response);
}

bool derive_command_key(const Crypto& crypto, const Key32& k, std::string_view device,
                        std::string_view commander, CommandKey& out) {
  return derive_command_key(HeldKey{crypto, k}, device, commander, out);
}

bool count_challenge(const MacKey& k, std::uint32_t boot, std::uint32_t n,
                     std::span<std::byte, kCommandChallengeBytes> out) {
  const Bytes<4> boot_bytes = be32(boot);
  const Bytes<4> number = be32(n);
  const std::array<ByteView, 2> context{boot_bytes, number};
  Key32 made;
  if (!expand(k, "cmd n"sv, context, made)) {
    return false;
  }
  copy(made.bytes().first<kCommandChallengeBytes>(), out);
  return true;
}

}  // namespace countersign
