#include <algorithm>
#include <array>
#include <filesystem>

#include "checks.hpp"

namespace countersign::cli {
namespace {

constexpr std::array<std::string_view, 3> kOptions{"config", "acl_default", "auth_default"};

bool has_other_plugin(const MosquittoConf& conf) {
  return std::any_of(conf.plugins.begin(), conf.plugins.end(),
                     [](const BrokerPlugin& plugin) { return !plugin.is_ours(); });
}

void check_library(const BrokerPlugin& ours, Findings& out) {
  std::error_code ignored;
  if (!std::filesystem::exists(ours.path, ignored)) {
    out.push_back({Severity::error, ours.place, "there is no " + ours.path,
                   "the broker will not start: install the plugin, or mend its path"});
  }
}

void check_order(const MosquittoConf& conf, Findings& out) {
  const BrokerPlugin* const ours = conf.ours();
  for (const BrokerPlugin& plugin : conf.plugins) {
    if (&plugin < ours && !plugin.is_old()) {
      out.push_back({Severity::error, plugin.place, plugin.path + " is loaded before Countersign",
                     "load mosquitto_countersign.so first: else that plugin can let somebody in "
                     "under a device's client id"});
    } else if (&plugin > ours && plugin.is_ours()) {
      out.push_back({Severity::error, plugin.place, "the plugin is loaded twice",
                     "remove this line: two copies would fight over one database"});
    }
  }
}

void check_options(const BrokerPlugin& ours, Findings& out) {
  for (const std::string_view name : kOptions) {
    if (!ours.options.has(name)) {
      out.push_back({Severity::error, ours.place, "plugin_opt_" + std::string{name} + " is missing",
                     "the broker will not start: set it as printed below"});
    }
  }
}

void check_default(const BrokerPlugin& ours, const char* name, const Default& wanted,
                   Findings& out) {
  const Setting* const set = ours.options.find(name);
  if (set == nullptr || set->value == wanted.value) {
    return;
  }
  const std::string line = "plugin_opt_" + std::string{name} + " ";
  if (set->value != "allow" && set->value != "defer") {
    out.push_back({Severity::error, set->place, line + set->value + " is neither allow nor defer",
                   "the broker will not start: set it as printed below"});
    return;
  }
  out.push_back({Severity::error, set->place, line + set->value + ": " + wanted.why,
                 "set " + line + wanted.value});
}

}  // namespace

Defaults derive_defaults(const MosquittoConf& conf) {
  Defaults out;
  if (conf.global.has("acl_file")) {
    out.acl = {"defer", "acl_file decides too, and allow would bypass it"};
  } else if (has_other_plugin(conf)) {
    out.acl = {"defer", "another plugin decides too, and allow would bypass it"};
  } else {
    out.acl = {"allow", "nothing else decides, and defer would deny everybody everything"};
  }
  if (conf.global.has("password_file")) {
    out.auth = {"defer", "password_file decides too, and allow would ask for no password"};
  } else if (has_other_plugin(conf)) {
    out.auth = {"defer", "another plugin decides too, and allow would bypass it"};
  } else if (!conf.allows_anonymous()) {
    out.auth = {"defer", "allow_anonymous is false, and allow would let everybody in"};
  } else {
    out.auth = {"allow", "everybody may connect, and defer would refuse whoever names himself"};
  }
  return out;
}

void check_plugin(const MosquittoConf& conf, const Defaults& defaults, Findings& out) {
  const BrokerPlugin* const ours = conf.ours();
  if (ours == nullptr) {
    out.push_back({Severity::error,
                   {conf.file, 0},
                   "the broker does not load the plugin",
                   "add the lines printed below"});
    return;
  }
  check_library(*ours, out);
  check_order(conf, out);
  check_options(*ours, out);
  check_default(*ours, "acl_default", defaults.acl, out);
  check_default(*ours, "auth_default", defaults.auth, out);
}

}  // namespace countersign::cli
