#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/access.hpp"
#include "engine/admin.hpp"
#include "engine/controls.hpp"
#include "engine/door.hpp"
#include "engine/publishes.hpp"
#include "store/lock.hpp"
#include "store/state_file.hpp"
#include "store/waker.hpp"

namespace countersign::engine {

/// The trusted server T: owns every part, and turns the broker's events into calls. All of it runs
/// on the broker's thread; only the store's writer and the audit have threads of their own.
class Server {
 public:
  /// Loads the configuration, the registry and the sessions of a clean stop. Any doubt is a
  /// failure: the broker must then not start.
  [[nodiscard]] static store::Outcome<std::unique_ptr<Server>> start(const std::string& config_path,
                                                                     Broker& broker, Millis now);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] Entry on_connect(const Knock& knock, Millis now) { return door_.judge(knock, now); }
  [[nodiscard]] Access on_access(const AccessRequest& request, Millis now) {
    return access_.judge(request, now);
  }
  [[nodiscard]] Handling on_publish(const Incoming& incoming, Millis now) {
    return publishes_.take(incoming, now);
  }
  void on_control(const Incoming& incoming, Millis now);
  void on_disconnect(ClientHandle handle, Millis now);
  void on_tick(Millis now);

  /// Takes a new configuration, or keeps the old one if there is any doubt. Reopens the audit.
  void reload(Millis now);

  /// From now on every write is a will: the broker is stopping.
  void stopping() { access_.stopping(); }

  /// Saves the sessions for a clean start and ends the writer.
  void stop();

  /// For measurements and tests.
  [[nodiscard]] Registry& registry() { return registry_; }
  [[nodiscard]] const Metrics& metrics() const { return metrics_; }

 private:
  Server(std::string config_path, config::Settings settings, store::Lock lock, Broker& broker);
  [[nodiscard]] store::Status load(store::Store& store, Millis now);
  void restore(store::Start start, Millis now);
  [[nodiscard]] store::Status begin_writing();
  void kick();
  void keep_house(Millis now);
  void report_trouble();
  [[nodiscard]] store::Status load_learned(store::Store& store);
  void note_learned();

  std::string config_path_;
  config::Settings settings_;
  store::Lock lock_;
  Broker& broker_;
  openssl::OpenSslCrypto crypto_;
  openssl::OpenSslRandom random_;
  AuditFile audit_;
  Registry registry_;
  dataserv::DataServ dataserv_;
  Connections connections_;
  Addresses addresses_;
  Metrics metrics_;
  store::SignalWaker waker_;
  std::unique_ptr<store::Writer> writer_;
  Commits commits_;
  Context context_;
  Sessions sessions_;
  Postman postman_;
  Inspector inspector_;
  Admission admission_;
  AuthServ auth_serv_;
  Desk desk_;
  Fleet fleet_;
  Publishes publishes_;
  Admin admin_;
  Controls controls_;
  Door door_;
  AccessControl access_;
  std::uint64_t run_ = 0;
  Millis housekept_ = 0;
  Millis learned_noted_ = 0;
  std::string trouble_;
};

}  // namespace countersign::engine
