/// Looks for a command in a device's list while valgrind takes every tag for undefined: a branch or
/// an index that depends on one of them is an error there.
///
/// usage: command_probe [early]      early: a search that stops early, which must be found

#include <valgrind/memcheck.h>

#include <cstdio>
#include <string_view>

#include "countersign/command_steps.hpp"

namespace countersign {
namespace {

constexpr std::array<std::string_view, 3> kCommands{"open", "close", "1"};

/// Tags that differ by command and key, and are secrets.
class SecretTags final : public Crypto {
 public:
  bool hmac(ByteView key, Parts parts, Digest& out) const override {
    out = {};
    out[0] = key[0];
    for (const ByteView part : parts) {
      for (std::size_t i = 0; i < part.size(); ++i) {
        out[i % out.size()] ^= part[i];
      }
    }
    VALGRIND_MAKE_MEM_UNDEFINED(out.data(), out.size());
    return true;
  }
  bool sha256(Parts, Digest&) const override { return false; }
  bool seal(const Key16&, const Nonce&, Parts, ByteView, MutableBytes,
            std::span<std::byte, kAeadTagBytes>) const override {
    return false;
  }
  bool open(const Key16&, const Nonce&, Parts, ByteView, ByteView, MutableBytes) const override {
    return false;
  }
  bool dh_public(const Key32&, Point&) const override { return false; }
  bool dh_shared(const Key32&, const Point&, Key32&) const override { return false; }
};

bool stops_early(const Crypto& crypto, const CommandKey& key, const commands::Exchange& exchange,
                 ByteView claimed, std::size_t& found) {
  for (const std::string_view command : kCommands) {
    Tag expected;
    if (!commands::command_tag(crypto, key.command, exchange, command, expected)) {
      return false;
    }
    ++found;
    if (same_tag(expected, claimed)) {
      return true;
    }
  }
  return true;
}

/// \returns the program's exit code.
int run(bool early) {
  const SecretTags crypto;
  const CommandChallenge challenge{};
  const CommandNonce nonce{};
  const commands::Exchange exchange{challenge, nonce};
  std::array<CommandKey, 2> keys;
  keys[1].command.fill()[0] = std::byte{1};
  const std::array<Commander, 2> commanders{
      {{.identity = "panel-1", .key = &keys[0]}, {.identity = "panel-2", .key = &keys[1]}}};
  Tag claimed;
  bool done = commands::command_tag(crypto, keys[1].command, exchange, "close", claimed);
  std::size_t found = commands::kNothing;
  done = done &&
         (early ? stops_early(crypto, keys[0], exchange, claimed, found)
                : commands::try_all(crypto, commanders, kCommands, exchange, claimed, 0, found));
  // the outcome itself is public
  VALGRIND_MAKE_MEM_DEFINED(&found, sizeof(found));
  std::printf("found %zu\n", found);
  return done && (early || found == 5) ? 0 : 1;
}

}  // namespace
}  // namespace countersign

int main(int count, char** arguments) {
  return countersign::run(count > 1 && std::string_view{arguments[1]} == "early");
}
