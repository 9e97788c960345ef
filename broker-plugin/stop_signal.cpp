#include "stop_signal.hpp"

#include <csignal>

namespace countersign {
namespace {

// a signal handler has no userdata: the one place where state is the process's
volatile std::sig_atomic_t stop_seen = 0;
struct sigaction previous_term;
struct sigaction previous_int;

void chain(const struct sigaction& previous, int signal, siginfo_t* info, void* context) {
  if ((previous.sa_flags & SA_SIGINFO) != 0) {
    previous.sa_sigaction(signal, info, context);
  } else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) {
    previous.sa_handler(signal);
  }
}

void note_stop(int signal, siginfo_t* info, void* context) {
  stop_seen = 1;
  chain(signal == SIGTERM ? previous_term : previous_int, signal, info, context);
}

}  // namespace

void StopSignal::install() {
  if (installed_) {
    return;
  }
  struct sigaction action {};
  action.sa_sigaction = note_stop;
  action.sa_flags = SA_SIGINFO;
  sigemptyset(&action.sa_mask);
  installed_ = sigaction(SIGTERM, &action, &previous_term) == 0 &&
               sigaction(SIGINT, &action, &previous_int) == 0;
}

StopSignal::~StopSignal() {
  if (installed_) {
    sigaction(SIGTERM, &previous_term, nullptr);
    sigaction(SIGINT, &previous_int, nullptr);
    stop_seen = 0;
  }
}

bool StopSignal::seen() const { return stop_seen != 0; }

}  // namespace countersign
