#include "screen.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string_view>

namespace countersign::cli {
namespace {

void write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(STDOUT_FILENO, text.data(), text.size());
    if (written <= 0) {
      return;  // a terminal that is gone says so by SIGHUP
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

Screen::Screen() { enter(); }

Screen::Size Screen::size() {
  constexpr Size kUsual{80, 24};
  winsize found{};
  const bool known =
      ioctl(STDOUT_FILENO, TIOCGWINSZ, &found) == 0 && found.ws_col != 0 && found.ws_row != 0;
  return known ? Size{found.ws_col, found.ws_row} : kUsual;
}

bool Screen::usable() {
  const char* const kind = std::getenv("TERM");
  return isatty(STDOUT_FILENO) != 0 && kind != nullptr && std::string_view{kind} != "dumb";
}

void Screen::show(const std::vector<std::string>& lines) {
  std::string text = "\x1b[H";
  for (const std::string& line : lines) {
    text.append(&line == &lines.front() ? "" : "\r\n").append(line).append("\x1b[K");
  }
  write_all(text + "\x1b[J");
}

void Screen::pause() {
  leave();
  static_cast<void>(std::raise(SIGSTOP));
  enter();
}

void Screen::enter() {
  quiet_ = tcgetattr(STDOUT_FILENO, &before_) == 0;
  termios quiet = before_;
  quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON);
  quiet_ = quiet_ && tcsetattr(STDOUT_FILENO, TCSAFLUSH, &quiet) == 0;
  write_all("\x1b[?1049h\x1b[?25l");
}

void Screen::leave() {
  write_all("\x1b[?25h\x1b[?1049l");
  if (quiet_) {
    // what was typed meanwhile was not meant for the shell
    static_cast<void>(tcsetattr(STDOUT_FILENO, TCSAFLUSH, &before_));
  }
}

}  // namespace countersign::cli
