#pragma once

#include <string>

#include "config/settings.hpp"
#include "finding.hpp"
#include "mosquitto_conf.hpp"

namespace countersign::cli {

/// One of the lines that decide what other access control has to say.
struct Default {
  std::string value;  ///< allow or defer
  std::string why;
};

/// What `plugin_opt_acl_default` and `plugin_opt_auth_default` should say.
struct Defaults {
  Default acl;
  Default auth;
};
[[nodiscard]] Defaults derive_defaults(const MosquittoConf& conf);

/// Is the plugin loaded, first, once, with its options?
void check_plugin(const MosquittoConf& conf, const Defaults& defaults, Findings& out);
/// The broker's program, where there is one: is it a version that the plugin loads into?
void check_version(Findings& out);
/// Settings of the broker that bite.
void check_broker(const MosquittoConf& conf, Findings& out);
/// Listeners: TLS, names from certificates, websockets.
void check_listeners(const MosquittoConf& conf, Findings& out);
/// Where mosquitto.conf and countersign.toml must agree: mount points, bridges, modes.
void check_agreement(const MosquittoConf& conf, const config::Settings& settings,
                     const std::string& path, Findings& out);
/// Owners and modes of what the broker's user reads and writes.
void check_files(const MosquittoConf& conf, const config::Settings& settings,
                 const std::string& path, Findings& out);

}  // namespace countersign::cli
