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
#include <future>
#include <mutex>
#include <stdexcept>

#include "store/file_table.hpp"

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

}  // namespace

/// Writes lines as they are, and a gap line before the first that follows dropped ones: only the
/// writing thread can put it where nothing drops it again. The file is opened, written and closed
/// in that thread, whose table it stands in; the broker's may only ask for another one.
class AuditFile::Sink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  /// The first thing that the thread does.
  void begin(const std::string& path) {
    store::take_own_file_table();
    try {
      open(path);
      begun_.set_value();
    } catch (const std::exception&) {
      begun_.set_exception(std::current_exception());
    }
  }
  /// \throws what `begin` could not do.
  void wait_until_begun() { begun_.get_future().get(); }
  /// The last thing that the thread does.
  void close() { file_.reset(); }

  /// Begins anew at `path` with the next line. From the broker's thread.
  void turn_to(const std::string& path) {
    const std::lock_guard lock{turning_};
    next_ = path;
  }
  /// Borrows. Before the first line.
  void count_drops_of(spdlog::details::thread_pool& pool) { pool_ = &pool; }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    turn();
    if (const std::size_t dropped = pool_->overrun_counter(); dropped != told_) {
      write_gap(dropped - told_, millis_of(message.time));
      told_ = dropped;
    }
    write(message.payload.data(), message.payload.size());
  }

  void flush_() override { file_->flush(); }

  /// \throws spdlog::spdlog_ex; the file that was open then stays open.
  void open(const std::string& path) {
    auto fresh = std::make_unique<spdlog::details::file_helper>();
    fresh->open(path);
    file_ = std::move(fresh);
  }

  void turn() {
    std::string path;
    {
      const std::lock_guard lock{turning_};
      path.swap(next_);
    }
    try {
      if (!path.empty()) {
        open(path);
      }
    } catch (const spdlog::spdlog_ex&) {
      // it could be opened when it was asked for: lines rather go to the old one than nowhere
    }
  }

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
    file_->write(buffer);
  }

  std::promise<void> begun_;
  std::unique_ptr<spdlog::details::file_helper> file_;
  spdlog::details::thread_pool* pool_ = nullptr;
  std::size_t told_ = 0;  ///< dropped lines that gap lines tell of
  std::mutex turning_;
  std::string next_;  ///< where the next line goes; empty: where the last one went
};

AuditFile::AuditFile(const std::string& path, std::size_t queue_lines)
    : path_{path}, sink_{std::make_shared<Sink>()} {
  create(path);
  pool_ = std::make_shared<spdlog::details::thread_pool>(
      queue_lines, 1, [sink = sink_, path] { sink->begin(path); },
      [sink = sink_] { sink->close(); });
  sink_->wait_until_begun();
  sink_->count_drops_of(*pool_);
  logger_ = std::make_shared<spdlog::async_logger>("audit", sink_, pool_,
                                                   spdlog::async_overflow_policy::overrun_oldest);
  logger_->flush_on(spdlog::level::info);
}

AuditFile::~AuditFile() {
  logger_->flush();
  pool_.reset();  // joins the thread after the queue is written and the file closed
}

void AuditFile::write(const AuditLine& line) {
  std::array<char, kMaxAuditBytes> room;
  const std::string_view text = write_audit_line(line, room);
  logger_->log(spdlog::level::info, spdlog::string_view_t{text.data(), text.size()});
}

bool AuditFile::reopen(const std::string& path) {
  try {
    create(path);
  } catch (const std::exception&) {
    return false;
  }
  sink_->turn_to(path);
  path_ = path;
  return true;
}

std::uint64_t AuditFile::dropped() const { return pool_->overrun_counter(); }

}  // namespace countersign::engine
