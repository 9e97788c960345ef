#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/config_error.hpp"
#include "config/rules.hpp"
#include "countersign/gate.hpp"
#include "countersign/identity.hpp"

namespace countersign::config {

/// `[files]`: absolute, or relative to the configuration's own directory; here always resolved.
struct Files {
  std::string key = "/etc/countersign/wrap.key";
  std::string database = "/var/lib/countersign/countersign.db";
  std::string state = "/var/lib/countersign";  ///< directory of the clean-stop files
  std::string audit = "/var/log/countersign/audit.jsonl";
};

/// `[audit]`. Refusals and changes of state are always written.
struct Audit {
  bool all = false;  ///< accepted publishes too
  std::uint32_t queue = 8192;
};

/// `[connections]`: what one connection or address may cost us.
struct ConnectionLimits {
  std::uint32_t bad_messages = 8;
  std::uint32_t strangers_per_address = 32;  ///< AUTH0 connections
  Millis stranger_time = 30'000;             ///< how long one may stay AUTH0
  Millis handshake_time = 10'000;            ///< how long a handshake may be pending
  std::uint32_t handshakes_per_second = 4;   ///< m1 on one connection
  Millis back_off_max = 60'000;
  std::uint32_t duplicate_notices_per_second = 1;
};

inline constexpr std::uint8_t kSuite1 = 1U << 0U;
inline constexpr std::uint8_t kSuite2 = 1U << 1U;

/// `[suites]`: bit masks by kind. Legacy identities shake no hands.
struct SuitePolicy {
  std::array<std::uint8_t, kKindNames.size()> allowed{kSuite1 | kSuite2, kSuite1, 0, kSuite1,
                                                      kSuite1};

  [[nodiscard]] bool allows(Kind kind, std::uint8_t suite) const;
};

/// `[[relay]]`: who may bring other identities' messages.
struct Relay {
  std::string identity;  ///< of a registered relay; empty for a bridge
  std::string bridge;    ///< client id of a bridge that this broker opens; empty for an identity
  std::vector<std::string> carries;  ///< identities; `*` stands for any run of characters

  [[nodiscard]] bool may_carry(std::string_view other) const;
};

/// A whole, valid configuration.
struct Settings {
  explicit Settings(RuleBook book) : rules{std::move(book)} {}

  std::string server_id;
  std::string strip_prefix;  ///< the listener's mount point, taken off every topic first
  Files files;
  Audit audit;
  std::uint32_t window = 64;  ///< counters behind the newest: 64–2048, a multiple of 64
  Limits limits;
  ConnectionLimits connections;
  SuitePolicy suites;
  std::vector<Relay> relays;
  RuleBook rules;

  /// The relay with this identity, or null.
  [[nodiscard]] const Relay* relay(std::string_view identity) const;
  /// The relay that is the bridge with this client id, or null.
  [[nodiscard]] const Relay* bridge(std::string_view client_id) const;
  /// `topic` as its client wrote it: without the mount point. Borrows.
  [[nodiscard]] std::string_view without_prefix(std::string_view topic) const;
};

/// Reads and checks a configuration whole. Never throws.
[[nodiscard]] Parsed<Settings> load_settings(const std::string& path);

/// The same from text; `path` names it in errors, and relative files stand beside it.
[[nodiscard]] Parsed<Settings> parse_settings(std::string_view text, const std::string& path);

}  // namespace countersign::config
