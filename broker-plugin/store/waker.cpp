#include "store/waker.hpp"

#include <csignal>

namespace countersign::store {
namespace {

extern "C" void do_nothing(int /*signal*/) {}

/// A real-time signal that nobody uses, or 0.
int free_signal() {
  for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal) {
    struct sigaction now {};
    if (::sigaction(signal, nullptr, &now) == 0 && (now.sa_flags & SA_SIGINFO) == 0 &&
        now.sa_handler == SIG_DFL) {
      return signal;
    }
  }
  return 0;
}

/// Without SA_RESTART: the blocking call is what must end.
bool install(int signal) {
  struct sigaction action {};
  action.sa_handler = do_nothing;
  ::sigemptyset(&action.sa_mask);
  sigset_t ours;
  ::sigemptyset(&ours);
  ::sigaddset(&ours, signal);
  return signal != 0 && ::sigaction(signal, &action, nullptr) == 0 &&
         ::pthread_sigmask(SIG_UNBLOCK, &ours, nullptr) == 0;
}

}  // namespace

SignalWaker::SignalWaker()
    : thread_{::pthread_self()}, signal_{free_signal()}, ready_{install(signal_)} {}

SignalWaker::~SignalWaker() {
  if (ready_) {
    // a signal that is still on its way would end the process by default
    struct sigaction action {};
    action.sa_handler = SIG_IGN;
    ::sigaction(signal_, &action, nullptr);
    action.sa_handler = SIG_DFL;
    ::sigaction(signal_, &action, nullptr);
  }
}

void SignalWaker::wake() noexcept {
  if (ready_) {
    ::pthread_kill(thread_, signal_);
  }
}

}  // namespace countersign::store
