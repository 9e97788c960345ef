#include "tools/key_reader.hpp"

#include "countersign/client/file_access.hpp"
#include "countersign/client/key_text.hpp"

namespace countersign::mcu::tools {
namespace {

using client::Error;
using client::Fault;

client::Outcome<client::LockedBuffer> read_secret(const std::string& path) {
  const auto file = client::open_secret(path);
  if (!file) {
    return file.why();
  }
  return client::read_all(*file, path);
}

/// Empty if `text` is no key.
client::LockedKey parse_hex_key(std::string_view text) {
  Key32 key;
  const bool good = client::read_hex(text.substr(0, text.find_last_not_of("\r\n") + 1), key.fill());
  return good ? client::LockedKey{key.bytes()} : client::LockedKey{};
}

Error no_memory() { return {.fault = Fault::file, .text = "no memory for a key"}; }

client::Outcome<DeviceKeyFile> unused(client::KeyFile file, const std::string& path) {
  if (file.kind != Kind::device) {
    return Error{.fault = Fault::usage,
                 .text = path + " is the key of a " + std::string{name_of(file.kind)},
                 .hint = "countersign key new makes one for a device"};
  }
  if (file.epoch != 0) {
    return Error{.fault = Fault::file,
                 .text = path + " has been used: its epoch is " + std::to_string(file.epoch),
                 .hint =
                     "two holders of one key are taken for clones: make a new key and have it "
                     "registered"};
  }
  const bool mfar = file.method == client::Method::mfar;
  const Key32 key = mfar ? file.registration.k_reg() : file.key.key();
  DeviceKeyFile out{.key = client::LockedKey{key.bytes()}, .file = std::move(file)};
  return out.key.empty() ? client::Outcome<DeviceKeyFile>{no_memory()} : std::move(out);
}

}  // namespace

client::Outcome<DeviceKeyFile> read_device_key(const std::string& path) {
  const auto text = read_secret(path);
  if (!text) {
    return text.why();
  }
  if (client::LockedKey key = parse_hex_key(text_of(text->bytes())); !key.empty()) {
    return DeviceKeyFile{.key = std::move(key), .file = {}};
  }
  auto file = client::parse_key_file(text_of(text->bytes()));
  if (!file) {
    return Error{.fault = file.why().fault,
                 .text = path + ": " + file.why().text,
                 .hint = "a file of countersign key new, or 64 hex digits on one line"};
  }
  return unused(std::move(*file), path);
}

client::Outcome<client::LockedKey> read_hex_key(const std::string& path) {
  const auto text = read_secret(path);
  if (!text) {
    return text.why();
  }
  client::LockedKey key = parse_hex_key(text_of(text->bytes()));
  if (key.empty()) {
    return Error{
        .fault = Fault::file, .text = path + " holds no key", .hint = "64 hex digits on one line"};
  }
  return key;
}

}  // namespace countersign::mcu::tools
