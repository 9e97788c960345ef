#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace countersign::client {

/// Keeps Paho's receiving thread awake. Paho C 1.3.12 sleeps 100 ms whenever it looked and no
/// socket had anything to read: a login then takes 100 ms more, one time in three, and what comes
/// after a quiet second is late (docs/decisions/0047). It never sleeps while something comes: so
/// one connection of Paho's leads to ourselves, over loopback, and says something often enough.
///
/// One for the process, as Paho's threads are; it starts with the first use and never ends. Without
/// loopback, or with anything else amiss, everything is as slow as it was, and nothing worse.
class PahoWaker {
 public:
  [[nodiscard]] static PahoWaker& instance();
  PahoWaker(const PahoWaker&) = delete;
  PahoWaker& operator=(const PahoWaker&) = delete;

  /// A connection is being made: until `rest`, Paho looks at its sockets every millisecond.
  /// Counted.
  void hurry();
  void rest();

 private:
  class Inside;

  PahoWaker();
  ~PahoWaker() = default;
  void serve(int listener, const std::string& name);
  void keep_awake(int peer);

  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned hurried_ = 0;  // under mutex_
  std::unique_ptr<Inside> inside_;
  std::thread thread_;
};

}  // namespace countersign::client
