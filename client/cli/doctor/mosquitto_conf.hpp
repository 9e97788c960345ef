#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "countersign/client/outcome.hpp"

namespace countersign::cli {

/// Where something is written.
struct Place {
  std::string file;
  std::uint32_t line = 0;  ///< 0: the file as a whole
};

/// One line of mosquitto.conf: `key value`.
struct Setting {
  Place place;
  std::string key;
  std::string value;  ///< without blanks around it

  [[nodiscard]] bool is_true() const { return value == "true" || value == "1"; }
};

/// Settings that belong together; the last of a key counts.
class SettingSet {
 public:
  void add(Setting setting);
  /// Null if nobody set it.
  [[nodiscard]] const Setting* find(std::string_view key) const;
  [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }
  /// The setting, but only if it says true.
  [[nodiscard]] const Setting* if_true(std::string_view key) const;

 private:
  std::map<std::string, Setting, std::less<>> all_;
};

struct Listener {
  Place place;
  std::uint32_t port = 1883;
  std::string address;  ///< empty: every interface; a path for a Unix socket
  SettingSet settings;

  [[nodiscard]] bool is_local() const;
  [[nodiscard]] bool has_tls() const;
  /// For people: `listener 8883`.
  [[nodiscard]] std::string name() const;
};

struct BrokerPlugin {
  Place place;
  std::string path;
  SettingSet options;  ///< without `plugin_opt_`

  [[nodiscard]] bool is_ours() const;
  /// True if it knows only the interface before version 5: the broker asks those after all others,
  /// wherever they stand. Looks into the file.
  [[nodiscard]] bool is_old() const;
};

struct Bridge {
  Place place;
  std::string name;
  SettingSet settings;
  bool brings = false;  ///< one of its topics comes in
};

/// mosquitto.conf with what its include_dir holds, as Mosquitto 2.0 reads it.
struct MosquittoConf {
  std::string file;
  SettingSet global;
  std::vector<Listener> listeners;  ///< empty: port 1883 on loopback alone
  std::vector<BrokerPlugin> plugins;
  std::vector<Bridge> bridges;

  /// Null if the broker does not load us.
  [[nodiscard]] const BrokerPlugin* ours() const;
  /// A key of a listener, wherever it stands. Null if nobody set it to true.
  [[nodiscard]] const Setting* any_listener_true(std::string_view key) const;
  [[nodiscard]] bool allows_anonymous() const;
};

[[nodiscard]] client::Outcome<MosquittoConf> read_mosquitto_conf(const std::string& path);

}  // namespace countersign::cli
