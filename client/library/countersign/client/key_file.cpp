#include "countersign/client/key_file.hpp"

#include "countersign/client/file_access.hpp"

namespace countersign::client {
namespace {

Outcome<KeyFile> read_from(const Descriptor& file, const std::string& path) {
  const auto text = read_all(file, path);
  if (!text) {
    return text.why();
  }
  auto key = parse_key_file(text_of(text->bytes()));
  if (!key) {
    Error why = key.why();
    why.text = path + ": " + why.text;
    return why;
  }
  return key;
}

}  // namespace

Status create_key_file(const std::string& path, const KeyFile& key) {
  const LockedBuffer text = format_key_file(key);
  if (text.empty() || !parse_key_file(text_of(text.bytes()))) {
    return Error{Fault::usage, "that key cannot be written to a file"};
  }
  return write_new(path, text.bytes());
}

Outcome<KeyFile> read_key_file(const std::string& path) {
  const auto file = open_secret(path);
  return file ? read_from(*file, path) : file.why();
}

Outcome<KeyFile> raise_epoch(const std::string& path) {
  const auto file = open_locked(path);
  if (!file) {
    return file.why();
  }
  auto key = read_from(*file, path);
  if (!key) {
    return key;
  }
  if (key->method != Method::aplus) {
    return Error{Fault::usage,
                 path + ": a key of method " + std::string{name_of(key->method)} + " has no epoch"};
  }
  if (key->epoch >= kMaxEpoch) {
    return Error{Fault::file, path + ": the key's last epoch is spent",
                 "make a new key and have it registered (countersign device rekey)"};
  }
  ++key->epoch;
  if (const Status done = replace_file(path, format_key_file(*key).bytes()); !done) {
    return done.why();
  }
  return key;
}

}  // namespace countersign::client
