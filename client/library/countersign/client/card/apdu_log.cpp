#include "countersign/client/card/apdu_log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <memory>
#include <utility>

#include "countersign/client/card/apdu.hpp"
#include "countersign/client/card/card.hpp"
#include "countersign/client/file_access.hpp"

namespace countersign::client {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kHeaderBytes = 4;
constexpr std::size_t kStatusBytes = 2;

bool is(ByteView command, Instruction instruction) {
  return command.size() >= kHeaderBytes && command[1] == std::byte{instruction.ins} &&
         command[2] == std::byte{instruction.p1} && command[3] == std::byte{instruction.p2};
}

/// By the instruction alone: PINs, PUKs and sealed keys, whatever the parameters are.
bool carries_secret(ByteView command) {
  const auto has = [&](Instruction which) { return command[1] == std::byte{which.ins}; };
  return command.size() >= kHeaderBytes && (has(kVerify) || has(kChangePin) || has(kResetRetry) ||
                                            has(kPersonalise) || has(kFactoryReset));
}

std::string masked(std::size_t size) { return "** (" + std::to_string(size) + ")"; }

/// Header and length as they are, the data masked.
std::string masked_command(ByteView command) {
  constexpr std::size_t kData = kHeaderBytes + 1;
  if (!carries_secret(command) || command.size() <= kData) {
    return hex_of(command);
  }
  return hex_of(command.first(kData)) + masked(command.size() - kData);
}

/// "2026-03-01T12:00:00.123Z"
std::string now_text() {
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  const auto millis =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::string text(32, '\0');
  text.resize(std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S.", &utc));
  const std::string digits = std::to_string(1000 + millis);
  return text + digits.substr(1) + "Z";
}

/// A reader's name is foreign text.
std::string plain(const std::string& name) {
  std::string out;
  for (const char c : name) {
    out.push_back(c >= 0x20 && c < 0x7F && c != '"' ? c : '?');
  }
  return '"' + out + '"';
}

/// Where the lines go; any thread writes.
class LogFile {
 public:
  explicit LogFile(Descriptor file) : file_{std::move(file)} {}

  /// In one piece: other programs may write there too.
  void write(const std::string& line) const {
    const std::string whole = line + "\n";
    static_cast<void>(!::write(file_.get(), whole.data(), whole.size()));
  }

 private:
  Descriptor file_;
};

class LoggedTransport final : public CardTransport {
 public:
  LoggedTransport(std::unique_ptr<CardTransport> inner, std::shared_ptr<const LogFile> log)
      : inner_{std::move(inner)}, log_{std::move(log)} {}

  CardError list(std::vector<ReaderState>& out) override { return inner_->list(out); }
  CardError connect(const std::string& reader) override {
    reader_ = reader;
    return note("connect", [&] { return inner_->connect(reader); });
  }
  CardError reconnect() override {
    return note("reconnect", [&] { return inner_->reconnect(); });
  }
  CardError begin() override { return inner_->begin(); }
  void end() override { inner_->end(); }
  void disconnect(bool reset) override { inner_->disconnect(reset); }

  CardError transmit(ByteView command, std::vector<std::byte>& answer) override {
    const auto begun = Clock::now();
    const CardError failed = inner_->transmit(command, answer);
    const bool secret = answers_secret(command) || (is_rest(command) && secret_);
    write(failed == CardError::none
              ? masked_exchange(command, answer, secret)
              : "> " + masked_command(command) + " < " + words_of({.what = failed}),
          begun);
    secret_ = secret;
    return failed;
  }

  /// What a reader with a pinpad is asked and answers holds no secret: that is its purpose.
  CardError control(std::uint32_t code, ByteView command, std::vector<std::byte>& answer) override {
    const auto begun = Clock::now();
    const CardError failed = inner_->control(code, command, answer);
    write("control " + std::to_string(code) + " > " + hex_of(command) + " < " +
              (failed == CardError::none ? hex_of(answer) : words_of({.what = failed})),
          begun);
    return failed;
  }

 private:
  static bool is_rest(ByteView command) {
    return command.size() >= kHeaderBytes && command[1] == std::byte{kGetResponse.ins};
  }

  template <class Step>
  CardError note(const std::string& what, Step step) {
    const auto begun = Clock::now();
    const CardError failed = step();
    write(failed == CardError::none ? what : what + ": " + words_of({.what = failed}), begun);
    return failed;
  }

  void write(const std::string& what, Clock::time_point begun) const {
    const auto taken =
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begun).count();
    log_->write(now_text() + " " + plain(reader_) + " " + what + " in " + std::to_string(taken) +
                " us");
  }

  std::unique_ptr<CardTransport> inner_;
  std::shared_ptr<const LogFile> log_;  // one file for the transports of every thread
  std::string reader_;
  bool secret_ = false;  // the answer before was one: its rest is too
};

Outcome<Descriptor> open_log(const std::string& path) {
  Descriptor file{path == "-"
                      ? ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
                      : ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
                               S_IRUSR | S_IWUSR)};
  if (!file) {
    return system_error("open", path);
  }
  return file;
}

}  // namespace

bool answers_secret(ByteView command) {
  return command.size() >= kHeaderBytes && command[1] == std::byte{kHandshakeKey.ins} &&
         !is(command, kPresence);
}

std::string masked_exchange(ByteView command, ByteView answer, bool secret_answer) {
  const std::size_t data = answer.size() < kStatusBytes ? 0 : answer.size() - kStatusBytes;
  const std::string said =
      secret_answer && data > 0 ? masked(data) + hex_of(answer.subspan(data)) : hex_of(answer);
  return "> " + masked_command(command) + " < " + said;
}

Outcome<TransportFactory> log_apdus(const std::string& path, TransportFactory transports) {
  auto file = open_log(path);
  if (!file) {
    return file.why();
  }
  const auto log = std::make_shared<const LogFile>(std::move(*file));
  return TransportFactory{[log, transports = std::move(transports)] {
    return std::make_unique<LoggedTransport>(transports(), log);
  }};
}

}  // namespace countersign::client
