#pragma once

#include <memory>

#include "engine/server.hpp"
#include "mosquitto_api.hpp"
#include "mosquitto_broker.hpp"
#include "options.hpp"
#include "stop_signal.hpp"

namespace countersign {

/// The broker's events, turned into the engine's. Every method returns what the broker may be told
/// for its event, and nothing else (docs/design.md, "return codes").
class Plugin {
 public:
  explicit Plugin(Options options) : options_{std::move(options)} {}

  /// \returns false if the engine refuses to start; why is in the broker's log.
  [[nodiscard]] bool start();
  void stop();

  int on_basic_auth(mosquitto_evt_basic_auth& event);
  int on_acl_check(mosquitto_evt_acl_check& event);
  int on_message(mosquitto_evt_message& event);
  int on_control(mosquitto_evt_control& event);
  int on_disconnect(mosquitto_evt_disconnect& event);
  int on_tick(mosquitto_evt_tick& event);
  int on_reload(mosquitto_evt_reload& event);

 private:
  void notice_stop();
  [[nodiscard]] bool ticks();

  Options options_;
  MosquittoBroker broker_;
  StopSignal stop_signal_;
  std::unique_ptr<engine::Server> server_;
  Millis first_event_ = 0;
  bool ticked_ = false;
  bool warned_ = false;
};

}  // namespace countersign
