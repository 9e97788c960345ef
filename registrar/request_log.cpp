#include "registrar/request_log.hpp"

#include <fcntl.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <nlohmann/json.hpp>

namespace countersign::registrar {
namespace {

using Json = nlohmann::ordered_json;

constexpr mode_t kLogMode = 0640;

std::string time_text(Millis at) {
  const std::time_t seconds = at / 1000;
  std::tm parts{};
  std::array<char, 32> text{};
  if (gmtime_r(&seconds, &parts) == nullptr ||
      std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts) == 0) {
    return {};
  }
  const std::string millis = std::to_string(1000 + at % 1000);
  return std::string{text.data()}.append(".").append(millis, 1, 3).append("Z");
}

/// spdlog would create the file with the umask's mode: create it first with ours.
bool create(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, kLogMode);
  if (file < 0) {
    return false;
  }
  return ::close(file) == 0;
}

Json text_or_null(std::string_view text) { return text.empty() ? Json{} : Json(text); }

}  // namespace

std::string json_line(const RequestLine& line) {
  Json out{{"v", 1}, {"at", time_text(line.at)}, {"event", line.event}};
  out["method"] = text_or_null(line.method);
  out["route"] = text_or_null(line.route);
  out["status"] = line.status;
  out["caller"] = text_or_null(line.caller);
  out["identity"] = text_or_null(line.identity);
  out["why"] = text_or_null(line.why);
  out["address"] = line.address;
  out["ms"] = line.took;
  return out.dump(-1, ' ', true, Json::error_handler_t::replace);
}

RequestLog::RequestLog() = default;
RequestLog::~RequestLog() = default;

client::Status RequestLog::open(const std::string& path) {
  try {
    spdlog::sink_ptr sink;
    if (path.empty()) {
      sink = std::make_shared<spdlog::sinks::stderr_sink_st>();
    } else if (create(path)) {
      sink = std::make_shared<spdlog::sinks::basic_file_sink_st>(path);
    } else {
      return client::Error{.fault = client::Fault::file,
                           .text = "cannot open the log " + path + ": " + std::strerror(errno)};
    }
    auto fresh = std::make_shared<spdlog::logger>("requests", std::move(sink));
    fresh->set_pattern("%v");
    fresh->flush_on(spdlog::level::info);
    const std::lock_guard lock{mutex_};
    logger_ = std::move(fresh);
    return client::Done{};
  } catch (const spdlog::spdlog_ex& error) {
    return client::Error{.fault = client::Fault::file, .text = error.what()};
  }
}

void RequestLog::write(const RequestLine& line) {
  const std::string text = json_line(line);
  const std::lock_guard lock{mutex_};
  if (logger_) {
    logger_->log(spdlog::level::info, spdlog::string_view_t{text.data(), text.size()});
  }
}

}  // namespace countersign::registrar
