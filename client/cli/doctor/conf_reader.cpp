#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>

#include "mosquitto_conf.hpp"

namespace countersign::cli {
namespace {

namespace fs = std::filesystem;

/// What mosquitto.conf(5) counts among a listener's own.
constexpr std::array<std::string_view, 26> kListenerKeys{"bind_address",
                                                         "bind_interface",
                                                         "cafile",
                                                         "capath",
                                                         "certfile",
                                                         "ciphers",
                                                         "ciphers_tls1.3",
                                                         "crlfile",
                                                         "dhparamfile",
                                                         "http_dir",
                                                         "keyfile",
                                                         "max_connections",
                                                         "max_qos",
                                                         "max_topic_alias",
                                                         "mount_point",
                                                         "port",
                                                         "protocol",
                                                         "psk_hint",
                                                         "require_certificate",
                                                         "socket_domain",
                                                         "tls_engine",
                                                         "tls_keyform",
                                                         "tls_version",
                                                         "use_identity_as_username",
                                                         "use_subject_as_username",
                                                         "use_username_as_clientid"};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// `key value`, or nothing for comments and blank lines.
std::optional<Setting> parse_line(std::string_view text, Place place) {
  if (text.starts_with('#') || trimmed(text).empty()) {
    return std::nullopt;
  }
  text = trimmed(text);
  const std::size_t blank = std::min(text.find(' '), text.size());
  return Setting{.place = std::move(place),
                 .key = std::string{text.substr(0, blank)},
                 .value = std::string{trimmed(text.substr(blank))}};
}

client::Error unreadable(const std::string& path) {
  return {.fault = client::Fault::file,
          .text = "cannot read " + path,
          .hint = "is it there, and may you read it? --broker-config names another"};
}

/// Builds the configuration line by line; what a line belongs to depends on those before it.
class Builder {
 public:
  explicit Builder(MosquittoConf& conf) : conf_{conf} {}

  client::Status read(const std::string& path, bool is_main) {
    std::ifstream file{path};
    std::error_code ignored;
    if (!file || fs::is_directory(path, ignored)) {
      return unreadable(path);
    }
    std::string text;
    for (std::uint32_t number = 1; std::getline(file, text); ++number) {
      auto setting = parse_line(text, {path, number});
      if (!setting) {
        continue;
      }
      if (is_main && setting->key == "include_dir") {
        if (client::Status read_all = include(setting->value); !read_all) {
          return read_all;
        }
        continue;
      }
      take(std::move(*setting));
    }
    return client::Done{};
  }

  /// Settings of the default listener stand before any `listener`; it exists if it has a port or an
  /// address.
  void finish() {
    if (default_.settings.has("port") || default_.settings.has("bind_address")) {
      conf_.listeners.insert(conf_.listeners.begin(), std::move(default_));
    }
  }

 private:
  /// In the order of their names: capitals before small letters.
  client::Status include(const std::string& folder) {
    std::error_code failed;
    std::vector<std::string> files;
    for (fs::directory_iterator at{folder, failed}, end; !failed && at != end;
         at.increment(failed)) {
      if (at->path().extension() == ".conf") {
        files.push_back(at->path().string());
      }
    }
    if (failed) {
      return unreadable(folder);
    }
    std::sort(files.begin(), files.end());
    for (const std::string& file : files) {
      if (client::Status done = read(file, false); !done) {
        return done;
      }
    }
    return client::Done{};
  }

  void take(Setting setting) {
    const std::string_view key = setting.key;
    if (key == "listener") {
      start_listener(setting);
    } else if (key == "connection") {
      conf_.bridges.push_back({setting.place, setting.value, {}, false});
    } else if (key == "plugin" || key == "auth_plugin" || key == "global_plugin") {
      conf_.plugins.push_back({setting.place, setting.value, {}});
    } else if (key.starts_with("plugin_opt_") || key.starts_with("auth_opt_")) {
      take_option(std::move(setting));
    } else if (std::find(kListenerKeys.begin(), kListenerKeys.end(), key) != kListenerKeys.end()) {
      take_of_listener(std::move(setting));
    } else {
      take_other(std::move(setting));
    }
  }

  void start_listener(const Setting& setting) {
    const std::size_t blank = std::min(setting.value.find(' '), setting.value.size());
    Listener listener{.place = setting.place, .port = 0, .address = {}, .settings = {}};
    static_cast<void>(
        std::from_chars(setting.value.data(), setting.value.data() + blank, listener.port));
    listener.address = trimmed(std::string_view{setting.value}.substr(blank));
    conf_.listeners.push_back(std::move(listener));
    in_listener_ = true;
  }

  void take_option(Setting setting) {
    if (conf_.plugins.empty()) {
      return;  // the broker refuses to start
    }
    setting.key.erase(0, setting.key.find("_opt_") + 5);
    conf_.plugins.back().options.add(std::move(setting));
  }

  void take_of_listener(Setting setting) {
    Listener& listener = in_listener_ ? conf_.listeners.back() : default_;
    if (setting.key == "port") {
      static_cast<void>(std::from_chars(
          setting.value.data(), setting.value.data() + setting.value.size(), listener.port));
    } else if (setting.key == "bind_address") {
      listener.address = setting.value;
    }
    if (listener.place.file.empty()) {
      listener.place = setting.place;
    }
    listener.settings.add(std::move(setting));
  }

  void take_other(Setting setting) {
    if (conf_.bridges.empty()) {
      conf_.global.add(std::move(setting));
      return;
    }
    Bridge& bridge = conf_.bridges.back();
    if (setting.key == "topic") {
      // topic pattern [[out|in|both] ...], out if nothing is said
      bridge.brings = bridge.brings || setting.value.find(" in") != std::string::npos ||
                      setting.value.find(" both") != std::string::npos;
    }
    conf_.global.add(setting);  // a global setting may stand behind a bridge
    bridge.settings.add(std::move(setting));
  }

  MosquittoConf& conf_;
  Listener default_;
  bool in_listener_ = false;
};

}  // namespace

client::Outcome<MosquittoConf> read_mosquitto_conf(const std::string& path) {
  MosquittoConf conf;
  conf.file = path;
  Builder builder{conf};
  if (const client::Status read = builder.read(path, true); !read) {
    return read.why();
  }
  builder.finish();
  return conf;
}

}  // namespace countersign::cli
