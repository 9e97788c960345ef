#include "mosquitto_conf.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace countersign::cli {

void SettingSet::add(Setting setting) {
  const std::string key = setting.key;
  all_.insert_or_assign(key, std::move(setting));
}

const Setting* SettingSet::find(std::string_view key) const {
  const auto found = all_.find(key);
  return found == all_.end() ? nullptr : &found->second;
}

const Setting* SettingSet::if_true(std::string_view key) const {
  const Setting* const setting = find(key);
  return setting != nullptr && setting->is_true() ? setting : nullptr;
}

bool Listener::is_local() const {
  const Setting* const interface = settings.find("bind_interface");
  return address.starts_with("127.") || address == "::1" || address == "localhost" ||
         address.starts_with('/') || (interface != nullptr && interface->value == "lo");
}

bool Listener::has_tls() const { return settings.has("certfile") || settings.has("psk_hint"); }

std::string Listener::name() const {
  return "listener " + std::to_string(port) + (address.empty() ? "" : " " + address);
}

bool BrokerPlugin::is_ours() const {
  return path.find("mosquitto_countersign") != std::string::npos;
}

bool BrokerPlugin::is_old() const {
  // the names of the functions that the broker looks for: security.c,
  // mosquitto_security_module_init
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) {
    return false;
  }
  std::ifstream file{path, std::ios::binary};
  const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
  return bytes.find("mosquitto_auth_plugin_version") != std::string::npos &&
         bytes.find("mosquitto_plugin_version") == std::string::npos;
}

const BrokerPlugin* MosquittoConf::ours() const {
  const auto found = std::find_if(plugins.begin(), plugins.end(),
                                  [](const BrokerPlugin& plugin) { return plugin.is_ours(); });
  return found == plugins.end() ? nullptr : &*found;
}

const Setting* MosquittoConf::any_listener_true(std::string_view key) const {
  for (const Listener& listener : listeners) {
    if (const Setting* const setting = listener.settings.if_true(key)) {
      return setting;
    }
  }
  return nullptr;
}

bool MosquittoConf::allows_anonymous() const {
  // mosquitto.conf(5): "Defaults to false, unless no listeners are defined"
  const Setting* const setting = global.find("allow_anonymous");
  return setting != nullptr ? setting->is_true() : listeners.empty();
}

}  // namespace countersign::cli
