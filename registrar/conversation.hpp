#pragma once

#include <optional>
#include <string>

#include "registrar/authority.hpp"
#include "registrar/head.hpp"
#include "registrar/request_log.hpp"
#include "registrar/routes.hpp"
#include "registrar/tls_stream.hpp"

namespace countersign::registrar {

inline constexpr std::size_t kMaxBodyBytes = 16'384;

/// What all conversations share.
struct Desk {
  RegServ& serv;
  Authority& authority;
  RequestLog& log;
};

/// One request and its answer, over and over, on one thread. HTTP is the library's; what it would
/// do by itself beyond parsing and writing (routes, bodies, ranges, keeping connections) is not
/// left to it: docs/decisions/0043-cpp-httplib.md.
class Conversation : private httplib::Server {
 public:
  explicit Conversation(const Desk& desk);

  /// Serves one connection, up to its end. `preset`: the answer, whatever is asked.
  void serve(TlsStream& stream, std::optional<Answer> preset, Millis answer_time);

 private:
  /// What is known of the request so far.
  struct Exchange {
    TlsStream& stream;
    Millis answer_time;
    std::optional<Answer> answer;
    Head head;
    std::string subject;
    std::string body;
    Found found;
    Caller caller;
    bool judged = false;
    RequestLine line;

    ~Exchange();
  };

  void take_request(Exchange& exchange);
  /// Everything that can be said before the body. True if that is the answer.
  bool judge(const httplib::Request& request, httplib::Response& response);
  [[nodiscard]] std::optional<Answer> refuse(const httplib::Request& request);
  [[nodiscard]] std::optional<Answer> refuse_body(const httplib::Request& request) const;
  void take_body(const httplib::Request& request, const httplib::ContentReader& content);
  void act(const httplib::Request& request);
  void answer(httplib::Response& response);
  void explain(httplib::Response& response);
  void finish(const httplib::Response& response);

  Desk desk_;
  Exchange* exchange_ = nullptr;  ///< the present one
};

}  // namespace countersign::registrar
