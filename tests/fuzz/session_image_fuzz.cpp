/// The sessions of a clean stop: what is put back is saved again the same, and is nothing that a
/// server could not have had.

#include <utility>

#include "countersign/envelope.hpp"
#include "engine/session_image.hpp"
#include "fuzz/input.hpp"

namespace countersign::fuzz {
namespace {

class SilentBroker final : public engine::Broker {
 public:
  SilentBroker() = default;
  SilentBroker(const SilentBroker&) = delete;
  SilentBroker& operator=(const SilentBroker&) = delete;
  virtual ~SilentBroker() = default;
  void send(const std::string&, const std::string&, ByteView) override {}
  void kick(const std::string&, bool) override {}
  bool set_username(engine::ClientHandle, const std::string&) override { return true; }
  void log(engine::Severity, const std::string&) override {}
};

/// What sessions live beside, none of which an image changes.
struct Surroundings {
  openssl::OpenSslCrypto crypto;
  openssl::OpenSslRandom random;
  SilentBroker broker;
  config::Settings settings = std::move(
      *config::parse_settings("server_id = \"t\"\n[default]\nmode = \"off\"\n", "fuzz.toml"));
  engine::Connections connections;
  engine::Addresses addresses{settings.connections.back_off_max};
  engine::AuditFile audit{"/dev/null", 64};
  engine::Commits commits;
  engine::Metrics metrics;
};

Surroundings& surroundings() {
  static Surroundings all;
  return all;
}

/// A server that has just started: a device and a person are registered, a third is blocked.
class FreshServer {
 public:
  FreshServer() {
    add("mote-3", Kind::device, false);
    add("anna", Kind::user, false);
    add("mote-4", Kind::device, true);
  }

  bool restore(ByteView image) {
    return engine::restore_sessions(image, around_.crypto, registry_, sessions_);
  }
  [[nodiscard]] std::vector<std::byte> save() const { return engine::save_sessions(sessions_); }

  /// Whoever uses a session relies on these.
  void require_sound() const {
    for (const engine::Principal* const principal : sessions_.active()) {
      require(standing(*principal, 0) == Refusal::none && principal->enforcement_deadline >= 0);
      for (engine::LiveSession& session : principal->activity->sessions) {
        require(session.kid >= 1 && session.kid <= kMaxKid && session.created >= 0);
        require(session.replaced_until >= 0 && session.window.reach() >= 64);
        for (const auto& outcome : session.outcomes.all()) {
          require(static_cast<std::size_t>(outcome.why) < kRefusalNames.size());
        }
      }
    }
  }

  /// What was put back ends as any session does.
  void grow_old() {
    constexpr Millis kNow = 1'772'366'400'123;
    constexpr Millis kYear = 31'536'000'000;
    for (const Millis now : {Millis{0}, kNow, kNow + kYear, kNow + 2 * kYear}) {
      sessions_.tick(now);
    }
  }

 private:
  void add(const char* identity, Kind kind, bool blocked) {
    store::Record record;
    record.identity = identity;
    record.kind = kind;
    record.blocked = blocked;
    registry_.put(record);
  }

  Surroundings& around_ = surroundings();
  engine::Registry registry_{around_.crypto};
  dataserv::DataServ dataserv_;
  engine::Context context_{around_.crypto, around_.random,  around_.broker,      &around_.settings,
                           registry_,      dataserv_,       around_.connections, around_.addresses,
                           around_.audit,  around_.commits, around_.metrics};
  engine::Sessions sessions_{context_};
};

}  // namespace

void run(ByteView image) {
  FreshServer server;
  require(!server.restore(image) || !image.empty());
  server.require_sound();
  const std::vector<std::byte> saved = server.save();
  FreshServer next;
  require(next.restore(saved));
  require_same(next.save(), saved);
  server.grow_old();
}

}  // namespace countersign::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  countersign::fuzz::run(std::as_bytes(std::span{data, size}));
  return 0;
}
