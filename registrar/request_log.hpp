#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "countersign/bytes.hpp"
#include "countersign/client/outcome.hpp"

namespace spdlog {
class logger;
}

namespace countersign::registrar {

/// What is kept of one request: never a secret, and of the address only the route.
struct RequestLine {
  Millis at = 0;           ///< since 1970
  std::string_view event;  ///< request, tls, limit
  std::string method;      ///< empty: not understood
  std::string_view route;  ///< as the OpenAPI file spells it; empty: none
  int status = 0;          ///< 0: not answered
  std::string caller;      ///< empty: nobody
  std::string identity;    ///< whom it was about
  std::string_view why;    ///< empty: all is well
  std::string address;
  Millis took = 0;
};

/// One line of JSON, fixed order, ASCII.
[[nodiscard]] std::string json_line(const RequestLine& line);

/// The audit: an append-only file of JSON lines. May be used from any thread.
class RequestLog {
 public:
  RequestLog();
  ~RequestLog();
  RequestLog(const RequestLog&) = delete;
  RequestLog& operator=(const RequestLog&) = delete;

  /// Opens `path` (0640 if it is new), anew after logrotate; empty: standard error. If that fails
  /// the old one goes on.
  [[nodiscard]] client::Status open(const std::string& path);
  void write(const RequestLine& line);

 private:
  std::mutex mutex_;
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace countersign::registrar
