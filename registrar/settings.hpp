#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "countersign/bytes.hpp"
#include "countersign/client/outcome.hpp"
#include "countersign/crypto.hpp"

namespace countersign::registrar {

/// `[broker]`: where the plugin is, and as whom we log in there.
struct BrokerSettings {
  std::string host = "localhost";
  std::uint32_t port = 0;  ///< 0: 1883, or 8883 with TLS
  bool tls = false;
  std::string cafile;     ///< empty: the system's
  std::string server_id;  ///< empty: what the key file says
  std::string key_file;
};

/// `[limits]`: what one client address may cost us.
struct LimitSettings {
  std::uint32_t requests_per_second = 10;
  std::uint32_t burst = 20;
  std::uint32_t failed_logins = 5;  ///< before the waits begin, which double
  Millis back_off_max = 900'000;
  std::uint32_t connections = 128;  ///< open at once
  std::uint32_t connections_per_address = 4;
  Millis request_time = 10'000;    ///< from accepting to the end of the request's body
  std::uint32_t addresses = 4096;  ///< how many are remembered
};

/// A whole, valid configuration. Files are absolute, or stand beside the configuration.
struct Settings {
  std::string listen = "127.0.0.1";
  std::uint32_t port = 8443;
  std::string certificate;
  std::string key;
  std::string client_ca;                    ///< empty: no client certificates
  std::vector<std::string> administrators;  ///< subjects as RFC 2253; empty: all of `client_ca`
  std::vector<Digest> admin_token_hashes;
  std::uint32_t threads = 16;
  std::string log;  ///< empty: standard error
  BrokerSettings broker;
  LimitSettings limits;
};

// Every key that the configuration may hold, by table. docs/registrar.md names the same ones: a
// test compares them.
inline constexpr std::array<std::string_view, 11> kTopKeys{
    "listen",  "port", "certificate", "key",   "client_ca", "administrators", "admin_token_hashes",
    "threads", "log",  "broker",      "limits"};
inline constexpr std::array<std::string_view, 6> kBrokerKeys{"host",   "port",      "tls",
                                                             "cafile", "server_id", "key_file"};
inline constexpr std::array<std::string_view, 8> kLimitsKeys{
    "requests_per_second", "burst",        "failed_logins",           "back_off_max",
    "connections",         "request_time", "connections_per_address", "addresses"};

/// Reads and checks a configuration whole. Never throws.
[[nodiscard]] client::Outcome<Settings> load_settings(const std::string& path);

/// The same from text; `path` names it in errors, and relative files stand beside it.
[[nodiscard]] client::Outcome<Settings> parse_settings(std::string_view text,
                                                       const std::string& path);

}  // namespace countersign::registrar
