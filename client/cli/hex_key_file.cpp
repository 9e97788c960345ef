#include "hex_key_file.hpp"

#include <algorithm>
#include <filesystem>

#include "countersign/client/file_access.hpp"
#include "countersign/client/key_text.hpp"
#include "openssl/crypto.hpp"

namespace countersign::cli {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kHexBytes = 2 * kKeyBytes;

std::string_view without_line_end(std::string_view text) {
  return text.substr(0, std::min(text.find_last_not_of("\r\n") + 1, text.size()));
}

client::Outcome<client::LockedKey> make_hex_key(const std::string& path) {
  Key32 key;
  client::LockedBuffer text{kHexBytes + 1};
  if (text.empty() || !openssl::OpenSslRandom{}.fill(key.fill())) {
    return client::Error{.fault = client::Fault::file, .text = "no randomness or memory for a key"};
  }
  client::write_hex(key.bytes(), text.bytes().first(kHexBytes));
  text.bytes().back() = std::byte{'\n'};
  if (const client::Status written = client::write_new(path, text.bytes()); !written) {
    return written.why();
  }
  return client::LockedKey{key.bytes()};
}

}  // namespace

client::Outcome<client::LockedKey> read_hex_key(const std::string& path) {
  const auto file = client::open_secret(path);
  if (!file) {
    return file.why();
  }
  const auto text = client::read_all(*file, path);
  if (!text) {
    return text.why();
  }
  Key32 key;
  if (!client::read_hex(without_line_end(text_of(text->bytes())), key.fill())) {
    return client::Error{.fault = client::Fault::file,
                         .text = path + " holds no key",
                         .hint = "64 hex digits on one line"};
  }
  return client::LockedKey{key.bytes()};
}

client::Outcome<client::LockedKey> read_or_make_hex_key(const std::string& path) {
  std::error_code ignored;
  const auto status = std::filesystem::symlink_status(path, ignored);
  return std::filesystem::exists(status) ? read_hex_key(path) : make_hex_key(path);
}

}  // namespace countersign::cli
