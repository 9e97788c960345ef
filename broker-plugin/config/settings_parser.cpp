#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

#include "config/keys.hpp"
#include "config/rule_parser.hpp"
#include "config/settings.hpp"
#include "config/toml_guard.hpp"

namespace countersign::config {
namespace {

constexpr std::size_t kMaxFileBytes = 1U << 20;
constexpr Millis kSecond = 1000;
constexpr Millis kHour = 3600 * kSecond;
constexpr Millis kDay = 24 * kHour;
constexpr std::uint32_t kMaxCount = 1'000'000'000;
constexpr std::uint32_t kMaxWindow = 2048;

void read_file(const Section& section, std::string_view key, const std::filesystem::path& beside,
               std::string& out) {
  section.text(key, out);
  if (out.empty()) {
    section.blame(key, "is empty");
  }
  out = (beside / out).lexically_normal().string();
}

void read_files(Faults& faults, const toml::table& table, const std::string& path, Files& out) {
  const Section section{faults, table, "files", kFilesKeys};
  const auto beside = std::filesystem::path{path}.parent_path();
  read_file(section, "key", beside, out.key);
  read_file(section, "database", beside, out.database);
  read_file(section, "state", beside, out.state);
  read_file(section, "audit", beside, out.audit);
  if (out.key == out.database || out.key == out.audit || out.database == out.audit) {
    section.blame("key", ", database and audit must be three different files");
  }
}

void read_audit(Faults& faults, const toml::table& table, Audit& out) {
  constexpr std::array<std::string_view, 2> kEvents{"refusals", "all"};
  const Section section{faults, table, "audit", kAuditKeys};
  std::size_t events = 0;
  section.word("events", events, kEvents);
  out.all = events == 1;
  section.number("queue", out.queue, 64, 1'048'576);
}

void read_limits(Faults& faults, const toml::table& table, Settings& out) {
  const Section section{faults, table, "limits", kLimitsKeys};
  Limits& limits = out.limits;
  section.number("window", out.window, 64, kMaxWindow);
  if (out.window % 64 != 0) {
    section.blame("window", "must be a multiple of 64");
  }
  section.number("enforce_after_messages", limits.enforce_after_messages, 1, kMaxCount);
  section.duration("enforce_after", limits.enforce_after, kSecond, 365 * kDay);
  section.duration("enforcement_time", limits.enforcement_time, kSecond, kHour);
  section.duration("session_age", limits.max_age, kSecond, kDay);
  section.number("session_sealed_messages", limits.max_sealed, 1, 1U << 20);
}

void read_connections(Faults& faults, const toml::table& table, ConnectionLimits& out) {
  const Section section{faults, table, "connections", kConnectionsKeys};
  section.number("bad_messages", out.bad_messages, 1, 1000);
  section.number("strangers_per_address", out.strangers_per_address, 1, 100'000);
  section.duration("stranger_time", out.stranger_time, kSecond, kHour);
  section.duration("handshake_time", out.handshake_time, kSecond, kHour);
  section.number("handshakes_per_second", out.handshakes_per_second, 1, 1'000'000);
  section.duration("back_off_max", out.back_off_max, kSecond, kHour);
  section.number("duplicate_notices_per_second", out.duplicate_notices_per_second, 0, 1000);
}

std::uint8_t suites_of(const Section& section, std::string_view key, const toml::node& value,
                       std::uint8_t otherwise) {
  std::uint8_t mask = 0;
  const toml::array* const array = value.as_array();
  for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
    const auto suite = (*array)[i].value_exact<std::int64_t>().value_or(0);
    if (suite != 1 && suite != 2) {
      mask = 0;
      break;
    }
    mask = static_cast<std::uint8_t>(mask | (suite == 1 ? kSuite1 : kSuite2));
  }
  if (mask == 0) {
    section.blame(key, "must be [1], [2] or [1, 2]");
    return otherwise;
  }
  return mask;
}

void read_suites(Faults& faults, const toml::table& table, SuitePolicy& out) {
  const Section section{faults, table, "suites", kSuitesKeys};
  for (std::size_t kind = 0; kind < kKindNames.size(); ++kind) {
    const toml::node* const value = table.get(kKindNames[kind]);
    if (value != nullptr && static_cast<Kind>(kind) != Kind::legacy) {
      out.allowed[kind] = suites_of(section, kKindNames[kind], *value, out.allowed[kind]);
    }
  }
}

bool is_pattern(std::string_view text) {
  std::string plain{text};
  std::replace(plain.begin(), plain.end(), '*', 'x');
  return is_identity(plain);
}

Relay read_relay(Faults& faults, const toml::table& table) {
  const Section section{faults, table, "relay", kRelayKeys};
  Relay out;
  std::optional<std::vector<std::string>> carries;
  section.text("identity", out.identity);
  section.text("bridge", out.bridge);
  section.texts("carries", carries);
  if (out.identity.empty() == out.bridge.empty()) {
    section.blame("identity", "or bridge: give exactly one",
                  "identity: of a registered relay; bridge: client id of a bridge of this broker");
  }
  if (!out.identity.empty() && !is_identity(out.identity)) {
    section.blame("identity", "must be 1 to 64 of A-Z a-z 0-9 . _ -");
  }
  out.carries = carries.value_or(std::vector<std::string>{});
  if (out.carries.empty() || !std::all_of(out.carries.begin(), out.carries.end(), is_pattern)) {
    section.blame("carries", "must list identities, in which * stands for any characters",
                  "e.g. carries = [\"mote-*\"]");
  }
  return out;
}

void read_relays(Faults& faults, const Section& top, std::vector<Relay>& out) {
  top.tables("relay", false, [&](const toml::table& table) {
    Relay relay = read_relay(faults, table);
    const bool twice = std::any_of(out.begin(), out.end(), [&](const Relay& other) {
      return other.identity == relay.identity && other.bridge == relay.bridge;
    });
    if (twice) {
      faults.add(table, "relay is listed twice", "put all it carries in one list");
    }
    out.push_back(std::move(relay));
  });
}

void read_server_id(const Section& top, std::string& out) {
  top.text("server_id", out);
  if (!is_identity(out)) {
    top.blame("server_id", out.empty() ? "is missing" : "must be 1 to 64 of A-Z a-z 0-9 . _ -",
              "the name that clients know this server by, e.g. server_id = \"plant-broker\"");
  }
}

void read_prefix(const Section& top, std::string& out) {
  top.text("strip_prefix", out);
  if (!out.empty() && !is_topic(out)) {
    top.blame("strip_prefix", "must be the listener's mount_point, without wildcards");
  }
}

/// All but the rules, which a `Settings` is made of.
void read_rest(Faults& faults, const Section& top, const std::string& path, Settings& out) {
  read_server_id(top, out.server_id);
  read_prefix(top, out.strip_prefix);
  const toml::table nothing;
  const auto in_table = [&](std::string_view key, const auto& read) {
    top.table(key, [&](const toml::table& table) { read(table); });
  };
  if (top.has("files")) {
    in_table("files", [&](const toml::table& t) { read_files(faults, t, path, out.files); });
  } else {
    read_files(faults, nothing, path, out.files);
  }
  in_table("audit", [&](const toml::table& t) { read_audit(faults, t, out.audit); });
  in_table("limits", [&](const toml::table& t) { read_limits(faults, t, out); });
  in_table("connections",
           [&](const toml::table& t) { read_connections(faults, t, out.connections); });
  in_table("suites", [&](const toml::table& t) { read_suites(faults, t, out.suites); });
  read_relays(faults, top, out.relays);
}

Parsed<Settings> parse_checked(std::string_view text, const std::string& path) {
  if (const TomlHazard hazard = find_hazard(text); hazard.line != 0) {
    return ConfigError{path, hazard.line, 1, hazard.message, {}};
  }
  Faults faults{path};
  const toml::parse_result parsed = toml::parse(text, path);
  if (!parsed) {
    const auto& error = parsed.error();
    faults.add(error.source().begin, std::string{error.description()});
    return faults.first();
  }
  const Section top{faults, parsed.table(), "", kTopKeys};
  auto rules = parse_rules(faults, top);
  if (!rules) {
    return faults.first();
  }
  Settings settings{std::move(*rules)};
  read_rest(faults, top, path, settings);
  if (!faults.none()) {
    return faults.first();
  }
  return settings;
}

ConfigError unreadable(const std::string& path, std::string message, std::string hint = {}) {
  return {path, 0, 0, std::move(message), std::move(hint)};
}

Parsed<std::string> read_whole(const std::string& path) {
  std::error_code fault;
  const auto status = std::filesystem::status(path, fault);
  if (fault || !std::filesystem::exists(status)) {
    return unreadable(path, "cannot open: " + (fault ? fault.message() : "no such file"),
                      "countersign setup writes one to start from");
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
    return unreadable(path, "cannot be read", "the broker's user needs read permission");
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxFileBytes) {
    return unreadable(path, "is longer than 1 MiB");
  }
  return text;
}

}  // namespace

Parsed<Settings> parse_settings(std::string_view text, const std::string& path) {
  try {
    return parse_checked(text, path);
  } catch (const std::exception& error) {
    return unreadable(path, std::string{"cannot be taken: "} + error.what());
  }
}

Parsed<Settings> load_settings(const std::string& path) {
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

}  // namespace countersign::config
