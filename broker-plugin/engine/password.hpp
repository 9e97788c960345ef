#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "countersign/crypto.hpp"

/// Passwords as Mosquitto's password files hold them: `$7$iterations$salt$hash`,
/// PBKDF2-HMAC-SHA-512 (RFC 8018), or the older `$6$salt$hash`, SHA-512 over password and salt;
/// both in base64.
namespace countersign::engine {

/// Taken from a file that somebody else made: more would let one login hold the broker for long.
inline constexpr unsigned kMaxIterations = 100'000;
/// For passwords that people choose. What T draws itself is as long as a key and needs one.
inline constexpr unsigned kChosenIterations = 10'000;
inline constexpr unsigned kDrawnIterations = 1;

/// True for a hash that `is_password` can check.
[[nodiscard]] bool is_password_hash(std::string_view hash);

/// A fresh `$7$` hash. \returns nothing if the backend fails.
[[nodiscard]] std::optional<std::string> hash_password(Random& random, ByteView password,
                                                       unsigned iterations);

/// Whether `hash` is that of `password`; compared in constant time. False for what is no hash.
[[nodiscard]] bool is_password(std::string_view hash, ByteView password);

}  // namespace countersign::engine
