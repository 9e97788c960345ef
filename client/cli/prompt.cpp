#include "prompt.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "countersign/bytes.hpp"
#include "options.hpp"

namespace countersign::cli {
namespace {

using client::Error;
using client::Fault;

constexpr std::size_t kMaxLineBytes = 64;

/// One line, wiped when it ends.
struct SecretLine {
  std::array<char, kMaxLineBytes> text{};
  std::size_t size = 0;
  bool ended = false;  ///< by end of file, before any character

  SecretLine() = default;
  SecretLine(const SecretLine&) = delete;
  SecretLine& operator=(const SecretLine&) = delete;
  ~SecretLine() { wipe(std::as_writable_bytes(std::span{text})); }

  [[nodiscard]] std::string_view view() const { return {text.data(), size}; }
  /// A line that is too long stays too long for any PIN.
  void push(char c) {
    if (size < text.size()) {
      text[size++] = c;
    }
  }
};

/// \returns false at the end of the file, and on errors.
bool read_char(int fd, char& c) {
  ssize_t count = 0;
  do {
    count = read(fd, &c, 1);
  } while (count < 0 && errno == EINTR);
  return count == 1;
}

/// Byte by byte: what stands behind the line is for the next reader.
void read_line(int fd, SecretLine& line) {
  char c = 0;
  while (read_char(fd, c)) {
    if (c == '\n') {
      return;
    }
    line.push(c);
  }
  line.ended = line.size == 0;
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
        line.size -= line.size > 0 ? 1 : 0;
      } else if (c == kKill) {
        line.size = 0;
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

client::Status ask_terminal(const std::string& prompt, SecretLine& line) {
  const QuietTerminal terminal;
  if (!terminal.ready()) {
    return Error{.fault = Fault::usage,
                 .text = "no terminal to ask for " + prompt + " at",
                 .hint = "--pin-fd N reads it from a file descriptor"};
  }
  terminal.say(prompt + ": ");
  if (!terminal.read_line(line)) {
    return Error{.fault = Fault::usage, .text = "no " + prompt + " given"};
  }
  return client::Done{};
}

client::Status ask_fd(int fd, const std::string& prompt, SecretLine& line) {
  read_line(fd, line);
  if (line.ended) {
    return Error{.fault = Fault::usage,
                 .text = "no " + prompt + " on file descriptor " + std::to_string(fd),
                 .hint = "one line each, in the order of the man page"};
  }
  return client::Done{};
}

std::string name_of(client::PinKind kind) { return kind == client::PinKind::puk ? "PUK" : "PIN"; }

std::string tries_text(std::uint8_t left) {
  return left == 1 ? "1 try left" : std::to_string(left) + " tries left";
}

std::string prompt_for(const client::PinRequest& request) {
  const std::string whose = request.identity.empty() ? "card " + request.card : request.identity;
  return (request.again ? "wrong, " + tries_text(request.tries_left) + "; " : "") +
         name_of(request.kind) + " of " + whose +
         (request.tries_left == 1 ? " (the last try)" : "");
}

/// A file descriptor gets one try: who wrote a wrong PIN there would write it again.
client::Status may_try(const client::PinRequest& request) {
  if (request.again) {
    return Error{.fault = Fault::card,
                 .text = "wrong " + name_of(request.kind) + ", " + tries_text(request.tries_left)};
  }
  if (request.tries_left == 1) {
    return Error{.fault = Fault::card,
                 .text = "only one try is left for the " + name_of(request.kind) +
                         ", and it does not come from a person",
                 .hint = "type it once at the terminal, without --pin-fd"};
  }
  return client::Done{};
}

}  // namespace

void PinInput::declare(CLI::App& app) {
  app.add_option("--pin-fd", fd_, "Read PINs from this file descriptor, not from the terminal")
      ->check(not_negative())
      ->type_name("N");
}

client::Outcome<client::Pin> PinInput::ask(const std::string& prompt) const {
  SecretLine line;
  const client::Status done =
      from_terminal() ? ask_terminal(prompt, line) : ask_fd(fd_, prompt, line);
  if (!done) {
    return done.why();
  }
  return client::Pin::from(line.view());
}

client::Outcome<client::Pin> PinInput::ask_new(const std::string& prompt) const {
  auto first = ask(prompt);
  if (!first || !from_terminal()) {
    return first;
  }
  const auto again = ask(prompt + ", once more");
  if (!again) {
    return again.why();
  }
  if (!same_tag(first->bytes(), again->bytes())) {
    return Error{.fault = Fault::usage, .text = "the two are not the same"};
  }
  return first;
}

client::PinSource PinInput::source() const {
  return [this](const client::PinRequest& request) -> client::Outcome<client::Pin> {
    if (const client::Status may = may_try(request); !from_terminal() && !may) {
      return may.why();
    }
    return ask(from_terminal() ? prompt_for(request) : name_of(request.kind));
  };
}

}  // namespace countersign::cli
