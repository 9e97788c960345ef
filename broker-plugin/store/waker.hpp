#pragma once

#include <pthread.h>

namespace countersign::store {

/// Wakes the thread that drains a `Writer`. Called from the writer's thread.
class Waker {
 public:
  virtual ~Waker() = default;
  Waker(const Waker&) = delete;
  Waker& operator=(const Waker&) = delete;

  virtual void wake() noexcept = 0;

 protected:
  Waker() = default;
};

/// Interrupts a thread's blocking system call by a real-time signal with an empty handler: the
/// broker's loop then turns and ticks. Gives the signal's old action back when it ends.
class SignalWaker final : public Waker {
 public:
  /// Wakes the thread that constructs it.
  SignalWaker();
  ~SignalWaker() override;

  void wake() noexcept override;
  /// False if the handler could not be installed; waking then does nothing.
  [[nodiscard]] bool ready() const { return ready_; }

 private:
  pthread_t thread_;
  int signal_;
  bool ready_;
};

}  // namespace countersign::store
