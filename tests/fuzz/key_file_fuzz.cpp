/// A software key's file: what is taken is written again and taken as the same key.

#include "countersign/client/key_file.hpp"
#include "fuzz/input.hpp"

namespace countersign::fuzz {
namespace {

void require_same_key(const client::KeyFile& a, const client::KeyFile& b) {
  require(a.identity == b.identity && a.kind == b.kind && a.epoch == b.epoch);
  require(a.server_id == b.server_id && a.suite == b.suite);
  require_same(a.key.key().bytes(), b.key.key().bytes());
}

/// An error never quotes the file: a line may be a piece of the key.
void require_discreet(const client::Error& error) {
  constexpr std::size_t kLongestOfOurs = 60;
  require(!error.text.empty() && error.text.size() <= kLongestOfOurs);
}

}  // namespace

void run(std::string_view text) {
  const auto parsed = client::parse_key_file(text);
  if (!parsed) {
    require_discreet(parsed.why());
    return;
  }
  require(!parsed->identity.empty() && !parsed->key.empty());
  require(parsed->kind != Kind::legacy && parsed->epoch <= kMaxEpoch);
  require(parsed->server_id.empty() || is_identity(parsed->server_id));
  const client::LockedBuffer written = client::format_key_file(*parsed);
  const auto again = client::parse_key_file(text_of(written.bytes()));
  require(static_cast<bool>(again));
  require_same_key(*parsed, *again);
}

}  // namespace countersign::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  countersign::fuzz::run(countersign::text_of(std::as_bytes(std::span{data, size})));
  return 0;
}
