#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "countersign/audit.hpp"

namespace spdlog {
class logger;
namespace details {
class thread_pool;
}
}  // namespace spdlog

namespace countersign::engine {

/// The audit: an append-only file of JSON lines, written by a thread of its own with a file table
/// of its own. A full queue drops the oldest lines, and a gap line stands in their place; it never
/// blocks the broker.
class AuditFile {
 public:
  /// Opens or creates `path` (0640). \throws std::runtime_error with a message for the operator.
  AuditFile(const std::string& path, std::size_t queue_lines);
  ~AuditFile();
  AuditFile(const AuditFile&) = delete;
  AuditFile& operator=(const AuditFile&) = delete;

  void write(const AuditLine& line);

  /// Opens the file anew, at `path`, as after logrotate. \returns false, and goes on with the old
  /// one, if that fails.
  bool reopen(const std::string& path);

  /// Lines dropped since the start.
  [[nodiscard]] std::uint64_t dropped() const;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  class Sink;

  std::string path_;
  std::shared_ptr<Sink> sink_;
  std::shared_ptr<spdlog::details::thread_pool> pool_;
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace countersign::engine
