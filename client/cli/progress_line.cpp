#include "progress_line.hpp"

#include <unistd.h>

#include <cstdio>

namespace countersign::cli {
namespace {

constexpr auto kEvery = std::chrono::milliseconds{100};
constexpr const char* kBackAndClear = "\r\x1b[K";

}  // namespace

ProgressLine::ProgressLine() : on_terminal_{isatty(STDERR_FILENO) != 0} {}

bool ProgressLine::due() const { return on_terminal_ && Clock::now() - shown_ >= kEvery; }

void ProgressLine::show(const std::string& text) {
  if (!on_terminal_) {
    return;
  }
  shown_ = Clock::now();
  static_cast<void>(std::fputs((kBackAndClear + text).c_str(), stderr));
  static_cast<void>(std::fflush(stderr));
}

void ProgressLine::clear() const {
  if (on_terminal_) {
    static_cast<void>(std::fputs(kBackAndClear, stderr));
    static_cast<void>(std::fflush(stderr));
  }
}

}  // namespace countersign::cli
