#include "registrar/authority.hpp"

#include <algorithm>
#include <array>

#include "countersign/base64url.hpp"
#include "openssl/crypto.hpp"

namespace countersign::registrar {
namespace {

constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kTokenCharacters = base64url_size(kTokenBytes);
/// So that a token found where it should not be tells what it opens.
constexpr std::string_view kAdminPrefix = "csreg_";

/// The token of `Bearer token`, or empty.
std::string_view bearer_token(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  const auto same = [](char a, char b) {
    return a == b || (a >= 'A' && a <= 'Z' && a - 'A' + 'a' == b);
  };
  if (authorization.size() < kScheme.size() ||
      !std::equal(kScheme.begin(), kScheme.end(), authorization.begin(),
                  [&](char want, char is) { return same(is, want); })) {
    return {};
  }
  return authorization.substr(kScheme.size());
}

bool may_be_enrolment_token(std::string_view token) {
  Bytes<kTokenBytes> room{};
  ByteView decoded;
  const bool ok = token.size() == kTokenCharacters && decode_base64url(token, room, decoded);
  wipe(room);
  return ok;
}

std::optional<Digest> digest_of(std::string_view text) {
  const openssl::OpenSslCrypto crypto;
  Digest out{};
  const std::array parts{bytes_of(text)};
  return crypto.sha256(parts, out) ? std::optional{out} : std::nullopt;
}

std::string hex_of(ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const std::byte one : bytes) {
    const auto byte = std::to_integer<unsigned>(one);
    out.append(1, kDigits[byte >> 4U]).append(1, kDigits[byte & 0x0FU]);
  }
  return out;
}

}  // namespace

Authority::Authority(const Settings& settings)
    : administrators_{settings.administrators},
      hashes_{settings.admin_token_hashes},
      lockout_{settings.limits} {}

void Authority::renew(const Settings& settings) {
  const std::lock_guard lock{mutex_};
  administrators_ = settings.administrators;
  hashes_ = settings.admin_token_hashes;
}

std::variant<Caller, Answer> Authority::judge(const Credentials& shown, Access access,
                                              const Origin& origin, Millis now) {
  const std::lock_guard lock{mutex_};
  if (access == Access::anybody) {
    return Caller{};
  }
  if (!shown.authorization.empty()) {
    return judge_token(shown.authorization, access, origin, now);
  }
  if (!shown.subject.empty()) {
    return judge_subject(shown.subject);
  }
  return unauthorised("no_credentials");
}

std::variant<Caller, Answer> Authority::judge_token(std::string_view authorization, Access access,
                                                    const Origin& origin, Millis now) {
  if (const Millis wait = lockout_.wait(origin.network, now); wait != 0) {
    return try_later(429, "locked_out", "too many failed logins from this address", wait);
  }
  const std::string_view token = bearer_token(authorization);
  Caller caller;
  if (const auto number = find_admin_token(token)) {
    lockout_.succeeded(origin.network);
    caller.name = "token:" + std::to_string(*number + 1);
    return caller;
  }
  if (access == Access::enrolling && may_be_enrolment_token(token)) {
    caller.name = "enrolment";
    caller.token = token;
    return caller;
  }
  lockout_.failed(origin.network, now);
  return unauthorised("bad_token");
}

std::variant<Caller, Answer> Authority::judge_subject(std::string_view subject) const {
  const bool listed =
      administrators_.empty() ||
      std::find(administrators_.begin(), administrators_.end(), subject) != administrators_.end();
  if (!listed) {
    return problem(403, "not_listed", "the subject of the certificate is no administrator here");
  }
  Caller caller;
  caller.name = std::string{"certificate:"}.append(subject);
  return caller;
}

/// Looks at all of them whichever it is.
std::optional<std::size_t> Authority::find_admin_token(std::string_view token) const {
  const auto digest = digest_of(token);
  std::optional<std::size_t> found;
  for (std::size_t i = 0; digest && i < hashes_.size(); ++i) {
    if (same_tag(*digest, hashes_[i])) {
      found = i;
    }
  }
  return found;
}

void Authority::enrolment_ended(bool good, const Origin& origin, Millis now) {
  const std::lock_guard lock{mutex_};
  if (good) {
    lockout_.succeeded(origin.network);
  } else {
    lockout_.failed(origin.network, now);
  }
}

std::optional<AdminToken> make_admin_token() {
  Bytes<kTokenBytes> secret{};
  std::array<char, kTokenCharacters> text{};
  openssl::OpenSslRandom random;
  if (!random.fill(secret)) {
    return std::nullopt;
  }
  AdminToken out;
  out.token = std::string{kAdminPrefix}.append(encode_base64url(secret, text));
  wipe(secret);
  wipe(std::as_writable_bytes(std::span{text}));
  const auto digest = digest_of(out.token);
  if (!digest) {
    return std::nullopt;
  }
  out.hash = hex_of(*digest);
  return out;
}

}  // namespace countersign::registrar
