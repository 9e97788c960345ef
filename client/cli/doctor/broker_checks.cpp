#include <array>
#include <charconv>
#include <filesystem>

#include "checks.hpp"

namespace countersign::cli {
namespace {

/// A setting that bites when it is true.
struct Trap {
  std::string_view key;
  Severity severity;
  std::string_view text;
  std::string_view hint;
};

constexpr std::array kGlobalTraps{
    Trap{"per_listener_settings", Severity::error,
         "per_listener_settings true: Mosquitto 2.0 then never ticks, and a plugin guards one "
         "listener only",
         "remove the line: the plugin refuses to load under it"},
    Trap{"check_retain_source", Severity::warning,
         "check_retain_source true: every delivery of a retained message is checked as if its "
         "sender wrote it anew",
         "set it to false: what was retained on an enforced topic was judged when it came"},
};

constexpr std::array kListenerTraps{
    Trap{"use_identity_as_username", Severity::error,
         "use_identity_as_username true: the broker then asks no plugin who connects, so a "
         "certificate is enough to take a device's client id",
         "remove the line: identities prove themselves by their keys"},
    Trap{"use_subject_as_username", Severity::error,
         "use_subject_as_username true: the broker then asks no plugin who connects, so a "
         "certificate is enough to take a device's client id",
         "remove the line: identities prove themselves by their keys"},
    Trap{"use_username_as_clientid", Severity::error,
         "use_username_as_clientid true: nobody could shake hands, which takes a client id of its "
         "own",
         "remove the line: the plugin binds client ids to identities"},
};

Finding found(const Trap& trap, const Setting& setting) {
  return {trap.severity, setting.place, std::string{trap.text}, std::string{trap.hint}};
}

/// The number a setting says, or `otherwise`.
long number_of(const Setting* setting, long otherwise) {
  long value = otherwise;
  if (setting != nullptr) {
    static_cast<void>(std::from_chars(setting->value.data(),
                                      setting->value.data() + setting->value.size(), value));
  }
  return value;
}

void check_limits(const SettingSet& global, Findings& out) {
  constexpr long kLongestOfOurs = 1024;
  if (const Setting* const set = global.find("max_queued_messages");
      set != nullptr && number_of(set, 1) == 0) {
    out.push_back({Severity::error, set->place,
                   "max_queued_messages 0: Debian's Mosquitto then disconnects a client at each "
                   "refused message, and bridges too",
                   "give it a number, or remove the line (1000 is the default)"});
  }
  if (const Setting* const set = global.find("memory_limit");
      set != nullptr && number_of(set, 0) != 0) {
    out.push_back({Severity::warning, set->place,
                   "memory_limit: once it is reached, replies and notices to devices are dropped "
                   "and clients cut",
                   "remove the line, and limit the service instead (MemoryMax= of systemd)"});
  }
  for (const char* const key : {"max_packet_size", "message_size_limit"}) {
    if (const Setting* const set = global.find(key);
        set != nullptr && number_of(set, 0) != 0 && number_of(set, 0) < kLongestOfOurs) {
      out.push_back({Severity::error, set->place,
                     std::string{key} + " " + set->value + " cuts off handshakes and commands",
                     "1024 bytes are the least that the protocol can do with"});
    }
  }
}

void check_latency(const MosquittoConf& conf, Findings& out) {
  if (conf.global.if_true("set_tcp_nodelay") == nullptr) {
    out.push_back(
        {Severity::warning,
         {conf.file, 0},
         "set_tcp_nodelay is not set: an answer behind an acknowledgement then waits 40 ms "
         "for the client's own (measured: 43 ms instead of 3 for a registration)",
         "add set_tcp_nodelay true"});
  }
}

void check_clients(const MosquittoConf& conf, Findings& out) {
  if (const Setting* const set = conf.global.find("clientid_prefixes")) {
    out.push_back({Severity::error, set->place,
                   "clientid_prefixes: nobody could shake hands, which takes a client id that "
                   "begins with ~",
                   "remove the line: the plugin binds client ids to identities"});
  }
  if (const Setting* const set = conf.global.find("user"); set != nullptr && set->value == "root") {
    out.push_back({Severity::warning, set->place, "the broker runs as root",
                   "remove the line: mosquitto is the default"});
  }
}

void check_records(const MosquittoConf& conf, Findings& out) {
  if (const Setting* const set = conf.global.find("log_type");
      set != nullptr && set->value == "none") {
    out.push_back({Severity::warning, set->place,
                   "log_type none: what the plugin has to say is thrown away",
                   "remove the line, or name error, warning and notice"});
  }
  if (conf.global.if_true("persistence") == nullptr) {
    out.push_back({Severity::note,
                   {conf.file, 0},
                   "persistence is off: the broker forgets retained and queued messages at each "
                   "restart (Countersign's own state is kept apart)",
                   ""});
  } else {
    out.push_back({Severity::note, conf.global.find("persistence")->place,
                   "persistence stores retained and queued messages as subscribers get them: also "
                   "what came sealed",
                   ""});
  }
}

void check_other_control(const MosquittoConf& conf, Findings& out) {
  std::error_code ignored;
  for (const char* const key : {"password_file", "acl_file"}) {
    const Setting* const set = conf.global.find(key);
    if (set != nullptr && !std::filesystem::exists(set->value, ignored)) {
      out.push_back({Severity::error, set->place, "there is no " + set->value,
                     "the broker will not start without its " + std::string{key}});
    }
  }
  if (const Setting* const set = conf.global.find("acl_file")) {
    out.push_back({Severity::note, set->place,
                   "acl_file is asked about what Countersign allows, by the identity's name as "
                   "username",
                   ""});
  }
}

}  // namespace

void check_broker(const MosquittoConf& conf, Findings& out) {
  for (const Trap& trap : kGlobalTraps) {
    if (const Setting* const set = conf.global.if_true(trap.key)) {
      out.push_back(found(trap, *set));
    }
  }
  for (const Trap& trap : kListenerTraps) {
    if (const Setting* const set = conf.any_listener_true(trap.key)) {
      out.push_back(found(trap, *set));
    }
  }
  check_limits(conf.global, out);
  check_latency(conf, out);
  check_clients(conf, out);
  check_records(conf, out);
  check_other_control(conf, out);
}

void check_listeners(const MosquittoConf& conf, Findings& out) {
  for (const Listener& listener : conf.listeners) {
    if (!listener.is_local() && !listener.has_tls()) {
      const bool passwords = conf.global.has("password_file");
      out.push_back({Severity::warning, listener.place,
                     listener.name() + " is open to the network without TLS: " +
                         (passwords ? "passwords and payloads can be read on the way"
                                    : "payloads that are not sealed can be read on the way"),
                     "give it certfile and keyfile, or bind it to 127.0.0.1"});
    }
    const Setting* const protocol = listener.settings.find("protocol");
    if (protocol != nullptr && protocol->value == "websockets") {
      out.push_back({Severity::note, protocol->place,
                     listener.name() + " speaks websockets: Mosquitto 2.0 serves those every "
                                       "100 ms, so a handshake takes 0.3 s",
                     "let devices use a listener of their own"});
    }
  }
}

}  // namespace countersign::cli
