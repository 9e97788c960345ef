#include "stop_signals.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <initializer_list>

namespace countersign::cli {

namespace {

sigset_t set_of(std::initializer_list<int> numbers) {
  sigset_t signals{};
  sigemptyset(&signals);
  for (const int number : numbers) {
    sigaddset(&signals, number);
  }
  return signals;
}

sigset_t stop_signals() { return set_of({SIGINT, SIGTERM, SIGHUP}); }

StopSignals::Event terminal_event(int fd) {
  signalfd_siginfo what{};
  const bool paused = read(fd, &what, sizeof what) == sizeof what && what.ssi_signo == SIGTSTP;
  return paused ? StopSignals::Event::paused : StopSignals::Event::resized;
}

}  // namespace

StopSignals::StopSignals(Also also) {
  const sigset_t signals = stop_signals();
  hold_back();
  fd_ = signalfd(-1, &signals, SFD_CLOEXEC);
  if (also == Also::terminal) {
    const sigset_t more = set_of({SIGWINCH, SIGTSTP});
    pthread_sigmask(SIG_BLOCK, &more, nullptr);
    terminal_fd_ = signalfd(-1, &more, SFD_CLOEXEC);
  }
}

void StopSignals::let_through() const {
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

void StopSignals::hold_back() const {
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

StopSignals::~StopSignals() {
  close(fd_);
  if (terminal_fd_ >= 0) {
    close(terminal_fd_);
  }
}

StopSignals::Event StopSignals::wait(int fd,
                                     std::optional<std::chrono::nanoseconds> timeout) const {
  std::array<pollfd, 3> watched{pollfd{fd_, POLLIN, 0}, pollfd{fd, POLLIN, 0},
                                pollfd{terminal_fd_, POLLIN, 0}};
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
  if (watched[2].revents != 0) {
    return terminal_event(terminal_fd_);
  }
  return watched[1].revents != 0 ? Event::ready : Event::timed_out;
}

Wakeup::Wakeup() : fd_{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {}

Wakeup::~Wakeup() { close(fd_); }

void Wakeup::rest() const {
  std::uint64_t count = 0;
  static_cast<void>(!read(fd_, &count, sizeof count));
}

void Wakeup::wake() const {
  const std::uint64_t one = 1;
  static_cast<void>(!write(fd_, &one, sizeof one));
}

}  // namespace countersign::cli
