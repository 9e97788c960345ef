#include <array>

#include "countersign/base64url.hpp"
#include "engine/admin.hpp"
#include "engine/admin_json.hpp"
#include "engine/hex.hpp"

namespace countersign::engine {
namespace {

constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kIdDigits = 16;
constexpr std::size_t kMaxTokens = 100'000;
constexpr std::size_t kMaxLabelBytes = 256;
constexpr std::size_t kShortestSeconds = 60;
constexpr std::size_t kLongestSeconds = 31'536'000;
constexpr std::size_t kUsualSeconds = 86'400;

/// Empty if the backend fails.
std::string hash_of(const Crypto& crypto, std::string_view token) {
  Digest digest{};
  const std::array<ByteView, 1> parts{bytes_of(token)};
  return crypto.sha256(parts, digest) ? hex_of(digest) : std::string{};
}

std::string draw_token(Random& random) {
  Bytes<kTokenBytes> bytes{};
  std::array<char, base64url_size(kTokenBytes)> text{};
  return random.fill(bytes) ? std::string{encode_base64url(bytes, text)} : std::string{};
}

}  // namespace

void Admin::load(store::EnrolmentToken&& token) {
  const std::string hash = token.hash;
  tokens_.insert_or_assign(hash, std::move(token));
}

const store::EnrolmentToken* Admin::usable_token(const std::string& text, Millis now) {
  // found by its hash: the time that takes tells nothing of other tokens
  const auto found = tokens_.find(hash_of(context_.crypto, text));
  return found != tokens_.end() && now < found->second.expires_at ? &found->second : nullptr;
}

Admin::Effect Admin::create_token(const Json& command, Millis now) {
  const std::size_t seconds =
      command.contains("expiresIn") ? count_at(command, "expiresIn", 0) : kUsualSeconds;
  const auto roles = words_at(command, "roles");
  const std::string label = text_at(command, "label");
  if (seconds < kShortestSeconds || seconds > kLongestSeconds || !roles ||
      label.size() > kMaxLabelBytes) {
    return failed("Invalid expiresIn (60-31536000 s), roles or label");
  }
  std::erase_if(tokens_, [&](const auto& entry) {
    const bool expired = entry.second.expires_at <= now;
    if (expired) {
      context_.commits.submit(store::RemoveToken{entry.first});
    }
    return expired;
  });
  std::string token = draw_token(context_.random);
  store::EnrolmentToken made{hash_of(context_.crypto, token),
                             now + static_cast<Millis>(seconds) * 1000, *roles, label};
  if (token.empty() || made.hash.empty() || tokens_.size() >= kMaxTokens) {
    return failed(token.empty() ? "No random bytes" : "Too many tokens");
  }
  Effect effect;
  effect.data = {
      {"token", token}, {"id", made.hash.substr(0, kIdDigits)}, {"expiresAt", made.expires_at}};
  wipe(std::as_writable_bytes(std::span{token}));
  effect.once_durable = [this, made](Millis then) {
    if (then >= 0) {
      tokens_.insert_or_assign(made.hash, made);
    }
  };
  effect.change = store::PutToken{std::move(made)};
  return effect;
}

Admin::Effect Admin::list_tokens(const Json&, Millis now) {
  Effect effect;
  effect.data = {{"tokens", Json::array()}};
  for (const auto& [hash, token] : tokens_) {
    if (now < token.expires_at) {
      effect.data["tokens"].push_back({{"id", hash.substr(0, kIdDigits)},
                                       {"expiresAt", token.expires_at},
                                       {"label", token.label},
                                       {"roles", token.roles}});
    }
  }
  return effect;
}

Admin::Effect Admin::revoke_token(const Json& command, Millis) {
  const std::string id = text_at(command, "id");
  const auto found = tokens_.lower_bound(id);
  if (id.size() != kIdDigits || found == tokens_.end() || !found->first.starts_with(id)) {
    return failed("Token not found");
  }
  // expired at once, and gone when the disk knows: until then it can be revoked again
  found->second.expires_at = 0;
  Effect effect;
  effect.in_force = true;
  effect.once_durable = [this, hash = found->first](Millis then) {
    if (then >= 0) {
      tokens_.erase(hash);
    }
  };
  effect.change = store::RemoveToken{found->first};
  return effect;
}

}  // namespace countersign::engine
