#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace countersign::cli {

inline constexpr std::uint32_t kMaxIterations = 100'000;

/// Why the broker would not take this hash, or nothing: it takes `$7$iterations$salt$hash`
/// (PBKDF2-HMAC-SHA-512) and `$6$salt$hash` (salted SHA-512), salt and hash in base64, as
/// mosquitto_passwd(1) writes them. The answer holds nothing of the hash.
[[nodiscard]] std::string objection_to_hash(std::string_view hash);

}  // namespace countersign::cli
