#include "password_hash.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "countersign/client/key_text.hpp"

namespace countersign::cli {
namespace {

constexpr std::size_t kHashBytes = 64;  // SHA-512
constexpr std::size_t kMaxSaltBytes = 64;
constexpr const char* kDamaged = "its password hash is damaged";

/// 0–63, or -1 for what is no digit of base64.
int digit_of(char c) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t at = kDigits.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

/// How many bytes base64 text stands for; nothing if it is none, or not the only way to write them.
std::optional<std::size_t> base64_bytes(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) {
    return std::nullopt;
  }
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  const std::string_view digits = text.substr(0, text.size() - padding);
  if (!std::all_of(digits.begin(), digits.end(), [](char c) { return digit_of(c) >= 0; })) {
    return std::nullopt;
  }
  // with padding the last digit has 2 or 4 bits that stand for nothing
  const unsigned unused = padding == 2 ? 0x0FU : padding == 1 ? 0x03U : 0U;
  if ((static_cast<unsigned>(digit_of(digits.back())) & unused) != 0) {
    return std::nullopt;
  }
  return text.size() / 4 * 3 - padding;
}

std::vector<std::string_view> fields_of(std::string_view text) {
  std::vector<std::string_view> fields;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('$', begin), text.size());
    fields.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return fields;
}

std::string objection_to_iterations(std::string_view text) {
  constexpr std::uint32_t kAnyNumber = 0xFFFF'FFFF;
  const auto number = client::read_number(text, kAnyNumber);
  if (!number || *number == 0) {
    return kDamaged;
  }
  return *number <= kMaxIterations ? ""
                                   : "its password hash takes " + std::to_string(*number) +
                                         " iterations, more than " + std::to_string(kMaxIterations);
}

std::string objection_to_digest(std::string_view salt, std::string_view hash) {
  const std::size_t salt_bytes = base64_bytes(salt).value_or(0);
  const bool fine =
      salt_bytes > 0 && salt_bytes <= kMaxSaltBytes && base64_bytes(hash) == kHashBytes;
  return fine ? "" : kDamaged;
}

}  // namespace

std::string objection_to_hash(std::string_view hash) {
  if (!hash.starts_with('$')) {
    return "its password is not hashed; mosquitto_passwd -U hashes it";
  }
  const std::vector<std::string_view> fields = fields_of(hash.substr(1));
  if (fields[0] == "6") {
    return fields.size() == 3 ? objection_to_digest(fields[1], fields[2]) : kDamaged;
  }
  if (fields[0] != "7") {
    return "its password hash is of an unknown kind: only $7$ and $6$ are taken";
  }
  if (fields.size() != 4) {
    return kDamaged;
  }
  std::string objection = objection_to_iterations(fields[1]);
  return objection.empty() ? objection_to_digest(fields[2], fields[3]) : objection;
}

}  // namespace countersign::cli
