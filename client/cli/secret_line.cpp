#include "secret_line.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "countersign/bytes.hpp"

namespace countersign::cli {
namespace {

using client::Done;
using client::Error;
using client::Fault;
using client::Status;

/// \returns false at the end of the file, and on errors.
bool read_char(int fd, char& c) {
  ssize_t count = 0;
  do {
    count = read(fd, &c, 1);
  } while (count < 0 && errno == EINTR);
  return count == 1;
}

/// Byte by byte: what stands behind the line is for the next reader.
/// \returns false at the end of the file, and on errors, before any character.
bool read_line(int fd, SecretLine& line) {
  char c = 0;
  while (read_char(fd, c)) {
    if (c == '\n') {
      return true;
    }
    line.push(c);
  }
  return !line.empty();
}

/// The controlling terminal, which neither echoes nor interrupts while this lives.
class QuietTerminal {
 public:
  QuietTerminal() : fd_{open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)} {
    if (fd_ >= 0 && tcgetattr(fd_, &before_) == 0) {
      termios quiet = before_;
      quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
      quiet.c_cc[VMIN] = 1;
      quiet.c_cc[VTIME] = 0;
      ready_ = tcsetattr(fd_, TCSAFLUSH, &quiet) == 0;
    }
  }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;
  ~QuietTerminal() {
    if (ready_) {
      say("\n");
      static_cast<void>(tcsetattr(fd_, TCSAFLUSH, &before_));
    }
    if (fd_ >= 0) {
      close(fd_);
    }
  }

  [[nodiscard]] bool ready() const { return ready_; }
  void say(std::string_view text) const {
    static_cast<void>(!write(fd_, text.data(), text.size()));
  }

  /// \returns false if the person gave up (Ctrl-C, Ctrl-D, hang-up).
  bool read_line(SecretLine& line) const {
    constexpr char kInterrupt = 3;
    constexpr char kEnd = 4;
    constexpr char kBackspace = 8;
    constexpr char kDelete = 127;
    constexpr char kKill = 21;
    char c = 0;
    while (read_char(fd_, c) && c != kInterrupt && c != kEnd) {
      if (c == '\n' || c == '\r') {
        return true;
      }
      if (c == kBackspace || c == kDelete) {
        line.pop();
      } else if (c == kKill) {
        line.clear();
      } else {
        line.push(c);
      }
    }
    return false;
  }

 private:
  int fd_;
  termios before_{};
  bool ready_ = false;
};

Status ask_terminal(const std::string& prompt, const std::string& option, SecretLine& line) {
  const QuietTerminal terminal;
  if (!terminal.ready()) {
    return Error{.fault = Fault::usage,
                 .text = "no terminal to ask for " + prompt + " at",
                 .hint = option + " N reads it from a file descriptor"};
  }
  terminal.say(prompt + ": ");
  if (!terminal.read_line(line)) {
    return Error{.fault = Fault::usage, .text = "no " + prompt + " given"};
  }
  return Done{};
}

}  // namespace

Status ask_secret(int fd, const std::string& prompt, const std::string& option, SecretLine& line) {
  if (fd < 0) {
    return ask_terminal(prompt, option, line);
  }
  if (!read_line(fd, line)) {
    return Error{.fault = Fault::usage,
                 .text = "no " + prompt + " on file descriptor " + std::to_string(fd),
                 .hint = "one line each, in the order of the man page"};
  }
  return Done{};
}

std::string_view SecretLine::view() const { return text_of(memory_.bytes()).substr(0, size_); }

void SecretLine::push(char c) {
  if (size_ < memory_.bytes().size()) {
    memory_.bytes()[size_++] = static_cast<std::byte>(c);
  }
}

void SecretLine::pop() {
  const auto continues = [](std::byte b) { return (b & std::byte{0xC0}) == std::byte{0x80}; };
  while (size_ > 0 && continues(memory_.bytes()[--size_])) {
  }
}

}  // namespace countersign::cli
