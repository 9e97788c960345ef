#include "engine/password.hpp"

#include <openssl/evp.h>

#include <array>
#include <charconv>
#include <limits>
#include <vector>

namespace countersign::engine {
namespace {

constexpr std::size_t kHashBytes = 64;
constexpr std::size_t kSaltBytes = 12;
constexpr std::size_t kMaxSaltBytes = 64;
constexpr std::size_t kMaxHashText = 255;

using Hash = Bytes<kHashBytes>;

struct Parsed {
  unsigned iterations = 0;  ///< 0: `$6$`
  std::vector<std::byte> salt;
  std::vector<std::byte> hash;
};

const unsigned char* in_of(ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::string encode_base64(ByteView bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3), '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), in_of(bytes),
                  static_cast<int>(bytes.size()));
  return text;
}

std::optional<std::vector<std::byte>> decode_base64(std::string_view text) {
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') {
    ++padding;
  }
  std::vector<std::byte> out(text.size() / 4 * 3);
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   in_of(bytes_of(text)), static_cast<int>(text.size()));
  if (text.empty() || size != static_cast<int>(out.size())) {
    return std::nullopt;
  }
  out.resize(out.size() - padding);
  // what is not written as we would write it is no hash of ours or Mosquitto's
  return encode_base64(out) == text ? std::optional{out} : std::nullopt;
}

/// Takes what stands before the next `$` off `text`.
std::string_view take_part(std::string_view& text) {
  const std::size_t end = text.find('$');
  const std::string_view part = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  return part;
}

std::optional<unsigned> parse_iterations(std::string_view text) {
  unsigned value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, value);
  const bool good = fault == std::errc{} && stop == end && value > 0 && value <= kMaxIterations;
  return good ? std::optional{value} : std::nullopt;
}

std::optional<Parsed> parse(std::string_view text) {
  if (text.size() > kMaxHashText || !take_part(text).empty()) {
    return std::nullopt;
  }
  const std::string_view scheme = take_part(text);
  Parsed parsed;
  if (scheme == "7") {
    const auto iterations = parse_iterations(take_part(text));
    if (!iterations) {
      return std::nullopt;
    }
    parsed.iterations = *iterations;
  } else if (scheme != "6") {
    return std::nullopt;
  }
  const auto salt = decode_base64(take_part(text));
  const auto hash = decode_base64(text);
  if (!salt || !hash || salt->size() > kMaxSaltBytes || hash->size() != kHashBytes) {
    return std::nullopt;
  }
  parsed.salt = *salt;
  parsed.hash = *hash;
  return parsed;
}

bool stretch(ByteView password, ByteView salt, unsigned iterations, Hash& out) {
  return password.size() <= std::numeric_limits<int>::max() &&
         PKCS5_PBKDF2_HMAC(
             reinterpret_cast<const char*>(password.data()), static_cast<int>(password.size()),
             in_of(salt), static_cast<int>(salt.size()), static_cast<int>(iterations), EVP_sha512(),
             static_cast<int>(out.size()), reinterpret_cast<unsigned char*>(out.data())) == 1;
}

bool hash_once(ByteView password, ByteView salt, Hash& out) {
  std::vector<std::byte> both{password.begin(), password.end()};
  both.insert(both.end(), salt.begin(), salt.end());
  unsigned size = 0;
  const bool done =
      EVP_Digest(both.data(), both.size(), reinterpret_cast<unsigned char*>(out.data()), &size,
                 EVP_sha512(), nullptr) == 1;
  wipe(both);
  return done && size == out.size();
}

}  // namespace

bool is_password_hash(std::string_view hash) { return parse(hash).has_value(); }

std::optional<std::string> hash_password(Random& random, ByteView password, unsigned iterations) {
  Bytes<kSaltBytes> salt{};
  Hash hash{};
  if (!random.fill(salt) || !stretch(password, salt, iterations, hash)) {
    return std::nullopt;
  }
  return "$7$" + std::to_string(iterations) + "$" + encode_base64(salt) + "$" + encode_base64(hash);
}

bool is_password(std::string_view hash, ByteView password) {
  const auto known = parse(hash);
  Hash computed{};
  if (!known) {
    return false;
  }
  const bool done = known->iterations == 0
                        ? hash_once(password, known->salt, computed)
                        : stretch(password, known->salt, known->iterations, computed);
  return done && same_tag(computed, known->hash);
}

}  // namespace countersign::engine
