#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace countersign::cli {

/// Tells systemd how a service is (sd_notify(3)): a datagram to $NOTIFY_SOCKET, nothing without it.
class ServiceNotice {
 public:
  ServiceNotice();

  void ready() const { send("READY=1"); }
  void stopping() const { send("STOPPING=1"); }
  /// One line for `systemctl status`.
  void status(std::string_view text) const { send("STATUS=" + std::string{text}); }
  /// A sign of life, to be given every `watchdog()`.
  void alive() const { send("WATCHDOG=1"); }
  /// Half of what WatchdogSec= allows; nothing if it asks for none.
  [[nodiscard]] std::optional<std::chrono::milliseconds> watchdog() const { return watchdog_; }

 private:
  void send(const std::string& text) const;

  std::string socket_;
  std::optional<std::chrono::milliseconds> watchdog_;
};

}  // namespace countersign::cli
