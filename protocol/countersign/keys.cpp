#include "countersign/keys.hpp"

#include <array>

namespace countersign {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kMaxContextParts = 4;
constexpr std::array kZero{std::byte{0}};
constexpr std::array kOne{std::byte{1}};

/// What Expand signs: "cs1 " || label || 0x00 || context || 0x01.
class Expanded {
 public:
  Expanded(std::string_view label, Parts context)
      : parts_{bytes_of("cs1 "sv), bytes_of(label), kZero} {
    if (context.size() > kMaxContextParts) {
      return;
    }
    used_ = 3;
    for (const ByteView part : context) {
      parts_[used_++] = part;
    }
    parts_[used_++] = kOne;
  }
  [[nodiscard]] bool ok() const { return used_ != 0; }
  [[nodiscard]] Parts parts() const { return Parts{parts_}.first(used_); }

 private:
  std::array<ByteView, kMaxContextParts + 4> parts_;
  std::size_t used_ = 0;
};

}  // namespace

bool expand(const Crypto& crypto, ByteView key, std::string_view label, Parts context, Key32& out) {
  const Expanded input{label, context};
  return input.ok() && crypto.hmac(key, input.parts(), out.array());
}

bool expand(const MacKey& key, std::string_view label, Parts context, Key32& out) {
  const Expanded input{label, context};
  return input.ok() && key.sign(input.parts(), out.array());
}

bool expand16(const Crypto& crypto, ByteView key, std::string_view label, Parts context,
              Key16& out) {
  Key32 whole;
  if (!expand(crypto, key, label, context, whole)) {
    return false;
  }
  copy(whole.bytes().first<16>(), out.fill());
  return true;
}

bool hkdf(const Crypto& crypto, ByteView salt, Parts ikm, std::string_view info, Key32& out) {
  Key32 prk;
  const std::array<ByteView, 2> parts{bytes_of(info), kOne};
  return crypto.hmac(salt, ikm, prk.array()) && crypto.hmac(prk.bytes(), parts, out.array());
}

bool derive(const Crypto& crypto, const Key32& sk, Direction direction, DirectionKey& out) {
  const bool up = direction == Direction::up;
  Key32 iv;
  if (!expand(crypto, sk.bytes(), up ? "up mac"sv : "down mac"sv, {}, out.mac) ||
      !expand16(crypto, sk.bytes(), up ? "up enc"sv : "down enc"sv, {}, out.enc) ||
      !expand(crypto, sk.bytes(), up ? "up iv"sv : "down iv"sv, {}, iv)) {
    return false;
  }
  copy(iv.bytes().first<kNonceBytes>(), out.iv.fill());
  return true;
}

}  // namespace countersign
