#include "stop_signals.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>

namespace countersign::cli {

namespace {

sigset_t stop_signals() {
  sigset_t signals{};
  sigemptyset(&signals);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    sigaddset(&signals, number);
  }
  return signals;
}

}  // namespace

StopSignals::StopSignals() {
  const sigset_t signals = stop_signals();
  hold_back();
  fd_ = signalfd(-1, &signals, SFD_CLOEXEC);
}

void StopSignals::let_through() const {
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

void StopSignals::hold_back() const {
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

StopSignals::~StopSignals() { close(fd_); }

StopSignals::Event StopSignals::wait(int fd,
                                     std::optional<std::chrono::nanoseconds> timeout) const {
  std::array<pollfd, 2> watched{pollfd{fd_, POLLIN, 0}, pollfd{fd, POLLIN, 0}};
  timespec span{};
  if (timeout) {
    constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
    const std::int64_t nanos = timeout->count() > 0 ? timeout->count() : 0;
    span = {static_cast<time_t>(nanos / kNanosPerSecond),
            static_cast<long>(nanos % kNanosPerSecond)};
  }
  const int count = ppoll(watched.data(), watched.size(), timeout ? &span : nullptr, nullptr);
  if (count < 0 || watched[0].revents != 0) {
    return Event::stopped;
  }
  return watched[1].revents != 0 ? Event::ready : Event::timed_out;
}

Wakeup::Wakeup() : fd_{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {}

Wakeup::~Wakeup() { close(fd_); }

void Wakeup::wake() const {
  const std::uint64_t one = 1;
  static_cast<void>(!write(fd_, &one, sizeof one));
}

}  // namespace countersign::cli
