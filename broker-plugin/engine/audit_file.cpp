#include "engine/audit_file.hpp"

#include <fcntl.h>
#include <spdlog/async.h>
#include <spdlog/details/file_helper.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>

namespace countersign::engine {
namespace {

constexpr mode_t kAuditMode = 0640;

/// spdlog would create the file with the umask's mode: create it first with ours.
void create(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, kAuditMode);
  if (file < 0) {
    throw std::runtime_error{"cannot open the audit file " + path + ": " + std::strerror(errno)};
  }
  ::close(file);
}

Millis millis_of(spdlog::log_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

/// Writes lines as they are, and a gap line before the first that follows dropped ones: only the
/// writing thread can put it where nothing drops it again.
class AuditSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  AuditSink(const std::string& path, spdlog::details::thread_pool& pool, std::size_t& told)
      : pool_{pool}, told_{told} {
    file_.open(path);
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (const std::size_t dropped = pool_.overrun_counter(); dropped != told_) {
      write_gap(dropped - told_, millis_of(message.time));
      told_ = dropped;
    }
    write(message.payload.data(), message.payload.size());
  }

  void flush_() override { file_.flush(); }

  void write_gap(std::size_t lines, Millis now) {
    const std::string detail = std::to_string(lines) + " lines dropped";
    AuditLine line;
    line.at = now;
    line.event = "gap";
    line.detail = detail;
    std::array<char, kMaxAuditBytes> room;
    const std::string_view text = write_audit_line(line, room);
    write(text.data(), text.size());
  }

  void write(const char* text, std::size_t size) {
    spdlog::memory_buf_t buffer;
    buffer.append(text, text + size);
    file_.write(buffer);
  }

  spdlog::details::file_helper file_;
  spdlog::details::thread_pool& pool_;
  std::size_t& told_;
};

}  // namespace

AuditFile::AuditFile(const std::string& path, std::size_t queue_lines)
    : pool_{std::make_shared<spdlog::details::thread_pool>(queue_lines, 1)} {
  open(path);
}

AuditFile::~AuditFile() {
  logger_->flush();
  logger_.reset();
  pool_.reset();  // joins the thread after the queue is written
}

void AuditFile::open(const std::string& path) {
  create(path);
  auto sink = std::make_shared<AuditSink>(path, *pool_, told_);
  logger_ = std::make_shared<spdlog::async_logger>("audit", std::move(sink), pool_,
                                                   spdlog::async_overflow_policy::overrun_oldest);
  logger_->flush_on(spdlog::level::info);
  path_ = path;
}

void AuditFile::write(const AuditLine& line) {
  std::array<char, kMaxAuditBytes> room;
  const std::string_view text = write_audit_line(line, room);
  logger_->log(spdlog::level::info, spdlog::string_view_t{text.data(), text.size()});
}

bool AuditFile::reopen(const std::string& path) {
  try {
    open(path);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

std::uint64_t AuditFile::dropped() const { return pool_->overrun_counter(); }

}  // namespace countersign::engine
