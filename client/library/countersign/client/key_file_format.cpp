#include <algorithm>
#include <array>
#include <utility>

#include "countersign/client/key_file.hpp"
#include "countersign/client/key_text.hpp"
#include "openssl/crypto.hpp"

namespace countersign::client {
namespace {

constexpr std::string_view kFormatVersion = "1";
constexpr std::size_t kKeyBytes = 32;
constexpr std::string_view kDataPrefix = "data.";
// each byte of a password or a value may take three
constexpr std::size_t kMaxTextBytes =
    1024 + 3 * kMaxPasswordBytes +
    kMaxRegistrationFields * (kMaxFieldNameBytes + 3 * kMaxFieldValueBytes + 16);

Error bad_line(std::size_t line, std::string what) {
  return {Fault::file, "line " + std::to_string(line) + ": " + std::move(what),
          "restore the file from where it was made, or make and register a new key"};
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlank);
  return first == std::string_view::npos
             ? std::string_view{}
             : text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

/// One `name = value` after the other, each name once.
class KeyFileParser {
 public:
  Outcome<KeyFile> parse(std::string_view text) {
    for (std::size_t line = 1; !text.empty(); ++line) {
      const std::string_view one = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(one.size() + 1, text.size()));
      const std::string_view entry = trimmed(one.substr(0, one.find('#')));
      if (entry.empty()) {
        continue;
      }
      if (const Status done = take(entry, line); !done) {
        return done.why();
      }
    }
    return whole();
  }

 private:
  static constexpr std::array<std::string_view, 9> kNames{
      "version", "identity", "kind", "key", "epoch", "password", "server_id", "suite", "method"};
  static constexpr std::size_t kNeededByAll = 4;  // the first ones

  [[nodiscard]] bool seen(std::string_view name) const {
    return seen_[static_cast<std::size_t>(std::find(kNames.begin(), kNames.end(), name) -
                                          kNames.begin())];
  }

  [[nodiscard]] bool mfar() const { return file_.method == Method::mfar; }

  /// What the method wants is there, and nothing of the other's.
  Outcome<KeyFile> whole() {
    if (const std::string_view name = missing(); !name.empty()) {
      return Error{Fault::file, "no " + std::string{name} + " in the key file",
                   "is this a countersign key file?"};
    }
    const bool has_data = !file_.registration.fields().empty();
    if (mfar() && seen("epoch")) {
      return Error{Fault::file, "a key of method mfar has no epoch"};
    }
    if (!mfar() && (seen("password") || has_data)) {
      return Error{Fault::file, "a key of method a+ has no password and no data"};
    }
    if (mfar()) {
      file_.registration.set_k_reg(std::exchange(file_.key, {}));
    }
    return std::move(file_);
  }

  /// The first name that must be here and is not.
  [[nodiscard]] std::string_view missing() const {
    for (std::size_t i = 0; i < kNeededByAll; ++i) {
      if (!seen_[i]) {
        return kNames[i];
      }
    }
    const std::string_view own = mfar() ? "password" : "epoch";
    if (!seen(own)) {
      return own;
    }
    return mfar() && file_.registration.fields().empty() ? "data" : "";
  }

  Status take(std::string_view entry, std::size_t line) {
    const std::size_t equals = entry.find('=');
    if (equals == std::string_view::npos) {
      return bad_line(line, "not `name = value`");
    }
    const std::string_view name = trimmed(entry.substr(0, equals));
    if (name.starts_with(kDataPrefix)) {
      return take_data(name, trimmed(entry.substr(equals + 1)), line);
    }
    const auto known = std::find(kNames.begin(), kNames.end(), name);
    if (known == kNames.end()) {
      return bad_line(line, "unknown name");  // not quoted: it might be a piece of the key
    }
    bool& seen = seen_[static_cast<std::size_t>(known - kNames.begin())];
    if (seen) {
      return bad_line(line, std::string{name} + " stands here twice");
    }
    seen = true;
    if (!set(name, trimmed(entry.substr(equals + 1)))) {
      return bad_line(line, "that is no " + std::string{name});
    }
    return Done{};
  }

  /// The name is not quoted: it might be a piece of a secret.
  Status take_data(std::string_view name, std::string_view text, std::size_t line) {
    Bytes<kMaxFieldValueBytes> room;
    const auto value = read_line_text(text, room);
    const bool good =
        value && file_.registration.add_field(name.substr(kDataPrefix.size()), *value);
    wipe(room);
    return good ? Status{Done{}} : bad_line(line, "that is no data, or it stands here twice");
  }

  bool set_password(std::string_view text) {
    Bytes<kMaxPasswordBytes> room;
    const auto value = read_line_text(text, room);
    const bool good = value && file_.registration.set_password(*value);
    wipe(room);
    return good;
  }

  bool set(std::string_view name, std::string_view value) {
    if (name == "version") {
      return value == kFormatVersion;
    }
    if (name == "identity") {
      file_.identity = Identity{value};
      return !file_.identity.empty();
    }
    if (name == "kind") {
      return set_kind(value);
    }
    if (name == "key") {
      return set_key(value);
    }
    if (name == "epoch") {
      const auto epoch = read_number(value, kMaxEpoch);
      file_.epoch = epoch.value_or(0);
      return epoch.has_value();
    }
    if (name == "password") {
      return set_password(value);
    }
    if (name == "method") {
      file_.method = value == name_of(Method::mfar) ? Method::mfar : Method::aplus;
      return value == name_of(file_.method);
    }
    if (name == "server_id") {
      file_.server_id = value;
      return is_identity(value);
    }
    file_.suite = value == "2" ? Suite::symmetric : Suite::x25519;
    return value == "1" || value == "2";
  }

  bool set_kind(std::string_view value) {
    const auto kind = std::find(kKindNames.begin(), kKindNames.end(), value);
    file_.kind = static_cast<Kind>(kind - kKindNames.begin());
    return kind != kKindNames.end() && file_.kind != Kind::legacy;
  }

  bool set_key(std::string_view value) {
    Key32 key;
    if (!read_hex(value, key.fill())) {
      return false;
    }
    file_.key = LockedKey{key.bytes()};
    return !file_.key.empty();
  }

  KeyFile file_;
  std::array<bool, kNames.size()> seen_{};
};

void write_key(const Key32& key, Writer& out) {
  out.raw(bytes_of("key = "));
  write_hex(key.bytes(), out.claim(2 * kKeyBytes));
  out.raw(bytes_of("\n"));
}

void write_registration(const RegistrationKey& registration, Writer& out) {
  out.raw(bytes_of("password = "));
  write_line_text(registration.password(), out);
  out.raw(bytes_of("\n"));
  for (const RegistrationField& field : registration.fields()) {
    out.raw(bytes_of(kDataPrefix)).raw(bytes_of(field.name)).raw(bytes_of(" = "));
    write_line_text(field.value, out);
    out.raw(bytes_of("\n"));
  }
}

}  // namespace

Outcome<KeyFile> parse_key_file(std::string_view text) { return KeyFileParser{}.parse(text); }

LockedBuffer format_key_file(const KeyFile& key) {
  LockedBuffer buffer{kMaxTextBytes};
  Writer out{buffer.bytes()};
  const auto line = [&](std::string_view name, std::string_view value) {
    out.raw(bytes_of(name)).raw(bytes_of(" = ")).raw(bytes_of(value)).raw(bytes_of("\n"));
  };
  out.raw(bytes_of("# countersign key: whoever reads this file is "))
      .raw(key.identity.bytes())
      .raw(bytes_of("\n"));
  line("version", kFormatVersion);
  line("identity", key.identity.text());
  line("kind", name_of(key.kind));
  if (key.method == Method::mfar) {
    line("method", name_of(key.method));
    write_key(key.registration.k_reg(), out);
    write_registration(key.registration, out);
  } else {
    write_key(key.key.key(), out);
    line("epoch", std::to_string(key.epoch));
  }
  if (!key.server_id.empty()) {
    line("server_id", key.server_id);
  }
  line("suite", key.suite == Suite::symmetric ? "2" : "1");
  buffer.shrink(out.ok() ? out.written().size() : 0);
  return buffer;
}

Outcome<KeyFile> make_key(std::string_view identity, Kind kind) {
  KeyFile file;
  file.identity = Identity{identity};
  file.kind = kind;
  if (file.identity.empty()) {
    return Error{Fault::usage, "\"" + std::string{identity} + "\" is no identity",
                 "1 to 64 of A-Z a-z 0-9 . _ -"};
  }
  if (kind == Kind::legacy) {
    return Error{Fault::usage, "legacy devices have a password and no key"};
  }
  Key32 key;
  openssl::OpenSslRandom random;
  if (!random.fill(key.fill())) {
    return Error{Fault::file, "the system gives no random bytes"};
  }
  file.key = LockedKey{key.bytes()};
  return file;
}

}  // namespace countersign::client
