#include "engine/audit_file.hpp"

#include <fcntl.h>
#include <spdlog/async.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
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

}  // namespace

AuditFile::AuditFile(std::string path, std::size_t queue_lines)
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
  auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path);
  sink->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      "%v", spdlog::pattern_time_type::utc, std::string{}));
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

void AuditFile::report_gaps(Millis now) {
  const std::uint64_t overrun = pool_->overrun_counter();
  if (overrun == dropped_) {
    return;
  }
  const std::string detail = std::to_string(overrun - dropped_) + " lines dropped";
  dropped_ = overrun;
  AuditLine line;
  line.at = now;
  line.event = "gap";
  line.detail = detail;
  write(line);
}

}  // namespace countersign::engine
