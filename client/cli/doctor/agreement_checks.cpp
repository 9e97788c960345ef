#include <unistd.h>

#include <array>

#include "checks.hpp"

namespace countersign::cli {
namespace {

void check_mount_points(const MosquittoConf& conf, const config::Settings& settings,
                        const std::string& path, Findings& out) {
  bool taken_off = settings.strip_prefix.empty();
  for (const Listener& listener : conf.listeners) {
    const Setting* const mount = listener.settings.find("mount_point");
    if (mount == nullptr) {
      continue;
    }
    taken_off = taken_off || mount->value == settings.strip_prefix;
    out.push_back({Severity::error, mount->place,
                   "no device can shake hands on a listener with mount_point (" + listener.name() +
                       "): the broker turns $CONTROL into another topic",
                   "use a listener without one"});
    if (mount->value != settings.strip_prefix) {
      out.push_back({Severity::error, mount->place,
                     listener.name() + " has mount_point \"" + mount->value +
                         "\", but strip_prefix of " + path + " is \"" + settings.strip_prefix +
                         "\": signatures cover the topic without it, so none would fit",
                     "make them equal on every listener that has one"});
    }
  }
  if (!taken_off) {
    out.push_back({Severity::error,
                   {path, 0},
                   "strip_prefix is \"" + settings.strip_prefix +
                       "\", but no listener has it as its mount_point",
                   "remove strip_prefix"});
  }
}

/// As Mosquitto makes it up where local_clientid does not say.
std::string client_id_of(const Bridge& bridge) {
  if (const Setting* const set = bridge.settings.find("local_clientid")) {
    return set->value;
  }
  for (const char* const key : {"remote_clientid", "clientid"}) {
    if (const Setting* const set = bridge.settings.find(key)) {
      return "local." + set->value;
    }
  }
  std::array<char, 256> host{};
  static_cast<void>(gethostname(host.data(), host.size() - 1));
  return "local." + std::string{host.data()} + "." + bridge.name;
}

void check_bridges(const MosquittoConf& conf, const config::Settings& settings, Findings& out) {
  for (const Bridge& bridge : conf.bridges) {
    const std::string client_id = client_id_of(bridge);
    if (bridge.brings && settings.bridge(client_id) == nullptr) {
      out.push_back({Severity::warning, bridge.place,
                     "bridge " + bridge.name + " brings messages as client " + client_id +
                         ", which no [[relay]] names: on enforced topics they are refused",
                     "[[relay]] with bridge = \"" + client_id + "\" and carries = [\"...\"]"});
    }
  }
}

void count_modes(const config::Settings& settings, const std::string& path, Findings& out) {
  std::array<std::size_t, 3> count{};
  for (const config::TopicRule& rule : settings.rules.rules()) {
    ++count.at(static_cast<std::size_t>(rule.rule.mode));
  }
  out.push_back({Severity::note,
                 {path, 0},
                 "rules: " + std::to_string(count[static_cast<std::size_t>(Mode::enforce)]) +
                     " enforce, " + std::to_string(count[static_cast<std::size_t>(Mode::observe)]) +
                     " observe, " + std::to_string(count[static_cast<std::size_t>(Mode::off)]) +
                     " off",
                 ""});
  if (settings.rules.otherwise().rule.mode != Mode::enforce) {
    out.push_back({Severity::note,
                   {path, 0},
                   "[default] does not enforce: topics that no rule names take unsigned messages",
                   "right while you migrate; enforce once everybody signs"});
  }
}

}  // namespace

void check_agreement(const MosquittoConf& conf, const config::Settings& settings,
                     const std::string& path, Findings& out) {
  check_mount_points(conf, settings, path, out);
  check_bridges(conf, settings, out);
  count_modes(settings, path, out);
}

}  // namespace countersign::cli
