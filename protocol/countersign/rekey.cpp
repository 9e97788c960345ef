#include "countersign/rekey.hpp"

#include <array>
#include <string_view>

#include "countersign/keys.hpp"

namespace countersign {
namespace {

using namespace std::string_view_literals;

bool proof_of(const MacKey& next, std::uint8_t mark, Tag& out) {
  Key32 whole;
  if (!expand(next, mark == kRekeyMark ? "rekey a"sv : "rekey t"sv, {}, whole)) {
    return false;
  }
  copy(whole.bytes().first<kTagBytes>(), out);
  return true;
}

}  // namespace

bool next_key(const Crypto& crypto, const MacKey& k, const Key32& sk, Key32& out) {
  Key32 from_session;
  if (!expand(crypto, sk.bytes(), "rekey sk"sv, {}, from_session)) {
    return false;
  }
  const std::array<ByteView, 1> context{from_session.bytes()};
  return expand(k, "rekey"sv, context, out);
}

bool write_rekey(const MacKey& next, std::uint8_t mark, std::span<std::byte, kRekeyBytes> out) {
  Tag tag;
  if (!proof_of(next, mark, tag)) {
    return false;
  }
  Writer writer{out};
  return writer.be(mark).raw(tag).ok();
}

Refusal check_rekey(const MacKey& next, std::uint8_t mark, ByteView message) {
  Reader in{message};
  const auto found = in.be<std::uint8_t>();
  const ByteView tag = in.take(kTagBytes);
  if (!in.done() || found != mark) {
    return Refusal::malformed;
  }
  Tag expected;
  if (!proof_of(next, mark, expected)) {
    return Refusal::internal;
  }
  return same_tag(expected, tag) ? Refusal::none : Refusal::bad_tag;
}

}  // namespace countersign
