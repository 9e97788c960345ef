#include <array>

#include "countersign/aplus.hpp"
#include "countersign/keys.hpp"

namespace countersign {

using namespace std::string_view_literals;

bool derive_handshake_key(const Crypto& crypto, const Key32& k, std::string_view identity,
                          std::string_view server_id, HandshakeKey& key) {
  return derive_handshake_key(HeldKey{crypto, k}, identity, server_id, key);
}

bool derive_handshake_key(const MacKey& k, std::string_view identity, std::string_view server_id,
                          HandshakeKey& key) {
  Bytes<(1 + kMaxIdentityBytes) * 2 + 4 + kChallengeBytes> room;
  Writer context{room};
  context.s8(bytes_of(identity)).s8(bytes_of(server_id)).be(key.epoch).raw(key.r1);
  const std::array<ByteView, 1> parts{context.written()};
  return context.ok() && expand(k, "a+ hk"sv, parts, key.hk);
}

Result<FirstMessage> parse_first(ByteView m1) {
  Reader in{m1};
  FirstMessage first;
  const auto mark = in.be<std::uint8_t>();
  first.suite = static_cast<Suite>(in.be<std::uint8_t>());
  first.identity = text_of(in.s8());
  first.server_id = text_of(in.s8());
  first.epoch = in.be<std::uint32_t>();
  first.r1 = in.array<kChallengeBytes>();
  first.head = in.read();
  first.body = in.take(kHandshakeNonceBytes);
  first.tag = in.take(kAeadTagBytes);
  first.whole = m1;
  if (!in.done() || mark != kFirstMark || first.epoch > kMaxEpoch || !is_identity(first.identity) ||
      !is_identity(first.server_id)) {
    return Refusal::malformed;
  }
  if (!is_suite(static_cast<std::uint8_t>(first.suite))) {
    return Refusal::malformed;
  }
  return first;
}

}  // namespace countersign
