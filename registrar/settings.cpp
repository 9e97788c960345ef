#include "registrar/settings.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "countersign/identity.hpp"
#include "registrar/toml_table.hpp"

namespace countersign::registrar {
namespace {

constexpr std::size_t kMaxFileBytes = 1U << 20;
constexpr std::uint32_t kMaxPort = 65'535;
constexpr Millis kSecond = 1'000;
constexpr Millis kDay = Millis{24} * 3'600 * kSecond;

client::Error unreadable(const std::string& path, const std::string& message,
                         std::string hint = {}) {
  return {.fault = client::Fault::file, .text = path + ": " + message, .hint = std::move(hint)};
}

int digit_of(char c) {
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::optional<Digest> digest_of(std::string_view hex) {
  Digest out{};
  if (hex.size() != 2 * out.size()) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = digit_of(hex[2 * i]);
    const int low = digit_of(hex[2 * i + 1]);
    if (high < 0 || low < 0) {
      return std::nullopt;
    }
    out[i] = static_cast<std::byte>(high * 16 + low);
  }
  return out;
}

/// Reads the path at `key`; relative ones stand beside the configuration.
void read_path(const Table& table, std::string_view key, const std::filesystem::path& beside,
               std::string& out) {
  table.text(key, out);
  if (!out.empty()) {
    out = (beside / out).lexically_normal().string();
  }
}

void require(const Table& table, std::string_view key, const std::string& value,
             const std::string& hint) {
  if (value.empty()) {
    table.blame(key, "is missing", hint);
  }
}

void read_hashes(const Table& top, std::vector<Digest>& out) {
  std::vector<std::string> texts;
  top.texts("admin_token_hashes", texts);
  for (const std::string& text : texts) {
    const auto digest = digest_of(text);
    if (!digest) {
      return top.blame("admin_token_hashes", "must hold SHA-256 values, 64 hex digits each",
                       "countersign-registrar make-admin-token prints one");
    }
    out.push_back(*digest);
  }
}

void read_broker(Faults& faults, const toml::table& table, const std::filesystem::path& beside,
                 BrokerSettings& out) {
  const Table section{faults, table, "broker", kBrokerKeys};
  section.text("host", out.host);
  section.number("port", out.port, 1, kMaxPort);
  section.flag("tls", out.tls);
  read_path(section, "cafile", beside, out.cafile);
  section.text("server_id", out.server_id);
  if (!out.server_id.empty() && !is_identity(out.server_id)) {
    section.blame("server_id", "must be 1 to 64 of A-Z a-z 0-9 . _ -");
  }
  read_path(section, "key_file", beside, out.key_file);
}

void read_limits(Faults& faults, const toml::table& table, LimitSettings& out) {
  const Table section{faults, table, "limits", kLimitsKeys};
  section.number("requests_per_second", out.requests_per_second, 1, 100'000);
  section.number("burst", out.burst, 1, 100'000);
  section.number("failed_logins", out.failed_logins, 1, 1'000);
  section.duration("back_off_max", out.back_off_max, kSecond, kDay);
  section.number("connections", out.connections, 1, 10'000);
  section.number("connections_per_address", out.connections_per_address, 1, 10'000);
  section.duration("request_time", out.request_time, kSecond, 60 * kSecond);
  section.number("addresses", out.addresses, 16, 1'000'000);
}

/// What no single key can be blamed for alone.
void check_whole(const Table& top, const Settings& settings) {
  require(top, "certificate", settings.certificate, "the service's own certificate, PEM");
  require(top, "key", settings.key, "the private key of its certificate, PEM");
  if (settings.broker.key_file.empty()) {
    top.blame("broker", "needs a key_file",
              "of an identity with the role registrar: countersign key new, then device register");
  }
  if (settings.client_ca.empty() && settings.admin_token_hashes.empty()) {
    top.blame("client_ca", "and admin_token_hashes are both missing: nobody could administer",
              "give one; countersign-registrar make-admin-token makes a token");
  }
  if (settings.client_ca.empty() && !settings.administrators.empty()) {
    top.blame("administrators", "needs client_ca", "whose certificates are they?");
  }
}

client::Outcome<Settings> read(const toml::table& table, const std::string& path) {
  const auto beside = std::filesystem::path{path}.parent_path();
  Faults faults{path};
  Settings out;
  const Table top{faults, table, "", kTopKeys};
  top.text("listen", out.listen);
  top.number("port", out.port, 0, kMaxPort);
  read_path(top, "certificate", beside, out.certificate);
  read_path(top, "key", beside, out.key);
  read_path(top, "client_ca", beside, out.client_ca);
  top.texts("administrators", out.administrators);
  read_hashes(top, out.admin_token_hashes);
  top.number("threads", out.threads, 2, 256);
  read_path(top, "log", beside, out.log);
  top.table("broker",
            [&](const toml::table& one) { read_broker(faults, one, beside, out.broker); });
  top.table("limits", [&](const toml::table& one) { read_limits(faults, one, out.limits); });
  check_whole(top, out);
  if (!faults.none()) {
    return faults.first();
  }
  return out;
}

client::Outcome<std::string> read_whole(const std::string& path) {
  std::error_code fault;
  const auto status = std::filesystem::status(path, fault);
  if (fault || !std::filesystem::exists(status)) {
    return unreadable(path, "cannot open: " + (fault ? fault.message() : "no such file"),
                      "start from config/countersign-registrar.toml");
  }
  if (!std::filesystem::is_regular_file(status)) {
    return unreadable(path, "is no regular file");
  }
  if ((status.permissions() & std::filesystem::perms::others_write) !=
      std::filesystem::perms::none) {
    return unreadable(path, "may be written by everybody", "chmod o-w " + path);
  }
  std::ifstream file{path, std::ios::binary};
  std::string text(kMaxFileBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) {
    return unreadable(path, "cannot be read", "the registrar's user needs read permission");
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxFileBytes) {
    return unreadable(path, "is longer than 1 MiB");
  }
  return text;
}

client::Outcome<Settings> parse_checked(std::string_view text, const std::string& path) {
  // toml++ 3.3 does not define what it does with such characters everywhere
  const auto odd = std::find_if(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x7E || (byte < 0x20 && c != '\n' && c != '\r' && c != '\t');
  });
  if (odd != text.end()) {
    const auto line = 1 + std::count(text.begin(), odd, '\n');
    return unreadable(path + ":" + std::to_string(line), "holds a character that is not ASCII");
  }
  const toml::parse_result parsed = toml::parse(text, path);
  if (!parsed) {
    Faults faults{path};
    faults.add(parsed.error().source().begin, std::string{parsed.error().description()});
    return faults.first();
  }
  return read(parsed.table(), path);
}

}  // namespace

client::Outcome<Settings> parse_settings(std::string_view text, const std::string& path) {
  try {
    return parse_checked(text, path);
  } catch (const std::exception& error) {
    return unreadable(path, std::string{"cannot be taken: "} + error.what());
  }
}

client::Outcome<Settings> load_settings(const std::string& path) {
  try {
    const auto text = read_whole(path);
    if (!text) {
      return text.why();
    }
    return parse_checked(*text, std::filesystem::absolute(path).string());
  } catch (const std::exception& error) {
    return unreadable(path, std::string{"cannot be read: "} + error.what());
  }
}

}  // namespace countersign::registrar
