#include "registrar/conversation.hpp"

#include <algorithm>
#include <array>
#include <ctime>

#include "registrar/clock.hpp"

namespace countersign::registrar {
namespace {

/// What the library sees of a request that is answered unseen.
constexpr std::string_view kNothing = "GET / HTTP/1.1\r\n\r\n";

std::string date_text(Millis at) {
  const std::time_t seconds = at / 1000;
  std::tm parts{};
  std::array<char, 40> text{};
  if (gmtime_r(&seconds, &parts) == nullptr ||
      std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts) == 0) {
    return {};
  }
  return text.data();
}

bool is_json(std::string_view type) {
  constexpr std::string_view kJson = "application/json";
  std::string lower{type.substr(0, type.find_first_of("; \t"))};
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower == kJson;
}

/// A length in digits, or nothing. What is too long to be one is as long as can be.
std::optional<std::size_t> length_of(const std::string& text) {
  constexpr std::size_t kMaxDigits = 9;
  if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos) {
    return std::nullopt;
  }
  return text.size() > kMaxDigits ? ~std::size_t{0} : std::stoul(text);
}

}  // namespace

Conversation::Exchange::~Exchange() { wipe_text(body); }

Conversation::Conversation(const Desk& desk) : desk_{desk} {
  using httplib::Request;
  using httplib::Response;
  // we listen, not the library; without a socket of its own it would take itself for ending and
  // write no bodies
  svr_sock_ = 0;
  set_payload_max_length(kMaxBodyBytes);
  set_pre_routing_handler([this](const Request& request, Response& response) {
    return judge(request, response) ? HandlerResponse::Handled : HandlerResponse::Unhandled;
  });
  // the only way past the handler above: a body that may be read
  Post(".*",
       [this](const Request& request, Response& response, const httplib::ContentReader& content) {
         take_body(request, content);
         answer(response);
       });
  set_expect_100_continue_handler([this](const Request& request, Response& response) {
    return judge(request, response) ? response.status : 100;
  });
  set_error_handler([this](const Request&, Response& response) { explain(response); });
  set_exception_handler([this](const Request&, Response& response, const std::exception_ptr&) {
    exchange_->answer = problem(500, "internal", "the registrar failed");
    answer(response);
  });
  set_logger([this](const Request&, const Response& response) { finish(response); });
}

void Conversation::serve(TlsStream& stream, std::optional<Answer> preset, Millis answer_time) {
  const Millis began = steady_now();
  Exchange exchange{.stream = stream,
                    .answer_time = answer_time,
                    .answer = std::move(preset),
                    .head = {},
                    .subject = {},
                    .body = {},
                    .found = {},
                    .caller = {},
                    .line = {}};
  exchange.line.event = "tls";
  exchange.line.why = "no_handshake";
  exchange.line.address = stream.origin().address;
  if (stream.accept()) {
    exchange.line.event = "request";
    exchange.line.why = "no_request";
    take_request(exchange);
  }
  exchange.line.at = wall_now();
  exchange.line.took = steady_now() - began;
  desk_.log.write(exchange.line);
  if (exchange.line.status != 0) {
    stream.finish();
  }
}

void Conversation::take_request(Exchange& exchange) {
  TlsStream& stream = exchange.stream;
  const std::size_t size = stream.read_head(kMaxHeadBytes);
  if (size == 0 && stream.received().size() <= kMaxHeadBytes) {
    return;  // it went away, or took too long
  }
  const bool readable = size != 0 && read_head(stream.received().substr(0, size), exchange.head);
  if (!readable && !exchange.answer) {
    exchange.answer = size == 0 ? problem(431, "malformed", "the head is longer than 16 KiB")
                                : problem(400, "malformed", "the head is not that of HTTP/1.1");
  }
  if (exchange.answer) {
    stream.replace_head(kNothing, stream.received().size());
  } else {
    stream.replace_head(exchange.head.text, size);
    exchange.subject = subject_of(stream.tls());
  }
  exchange_ = &exchange;
  bool closed = true;
  static_cast<void>(process_request(stream, true, closed, nullptr));
  exchange_ = nullptr;
}

bool Conversation::judge(const httplib::Request& request, httplib::Response& response) {
  Exchange& now = *exchange_;
  if (!now.judged && !now.answer) {
    now.judged = true;
    now.line.method = request.method;
    now.answer = refuse(request);
    if (!now.answer && !now.found.route->has_body) {
      act(request);
    }
  }
  if (now.answer) {
    answer(response);
  }
  return now.answer.has_value();
}

std::optional<Answer> Conversation::refuse(const httplib::Request& request) {
  Exchange& now = *exchange_;
  now.found = find_route(request.method, request.path);
  if (now.found.route == nullptr) {
    if (now.found.allow.empty()) {
      return problem(404, "no_route", "there is nothing at this path");
    }
    Answer out = problem(405, "no_route", "not with this method");
    out.headers.emplace_back("Allow", now.found.allow);
    return out;
  }
  const Route& route = *now.found.route;
  now.line.route = route.path;
  auto judged = desk_.authority.judge({now.head.authorization, now.subject}, route.access,
                                      now.stream.origin(), steady_now());
  if (auto* const refusal = std::get_if<Answer>(&judged)) {
    return std::move(*refusal);
  }
  now.caller = std::get<Caller>(std::move(judged));
  now.line.caller = now.caller.name;
  if (!request.params.empty() && !route.has_query) {
    return problem(400, "malformed", "this path takes no query");
  }
  return refuse_body(request);
}

std::optional<Answer> Conversation::refuse_body(const httplib::Request& request) const {
  const std::string length = request.get_header_value("Content-Length");
  const auto size = length_of(length);
  const bool chunked = request.has_header("Transfer-Encoding");
  if (!length.empty() && !size) {
    return problem(400, "malformed", "Content-Length is no number");
  }
  if (!exchange_->found.route->has_body) {
    return chunked || size.value_or(0) != 0
               ? std::optional{problem(400, "malformed", "this takes no body")}
               : std::nullopt;
  }
  if (chunked || !size) {
    return problem(411, "malformed", "the body needs a Content-Length");
  }
  if (*size > kMaxBodyBytes) {
    return problem(413, "too_large", "the body is longer than 16 KiB");
  }
  if (!is_json(request.get_header_value("Content-Type")) ||
      request.has_header("Content-Encoding")) {
    return problem(415, "malformed", "the body must be application/json, not encoded further");
  }
  return std::nullopt;
}

void Conversation::take_body(const httplib::Request& request,
                             const httplib::ContentReader& content) {
  std::string& body = exchange_->body;
  body.reserve(kMaxBodyBytes);
  const bool whole = content([&body](const char* piece, std::size_t size) {
    body.append(piece, size);
    return body.size() <= kMaxBodyBytes;
  });
  if (whole) {
    act(request);
  } else {
    exchange_->answer = problem(400, "malformed", "the body ends before its length");
  }
}

void Conversation::act(const httplib::Request& request) {
  Exchange& now = *exchange_;
  const Asked asked{now.caller, now.found.name, request.params, now.body};
  now.answer = (desk_.serv.*now.found.route->act)(asked);
  wipe_text(now.body);
  if (!now.caller.token.empty() && (now.answer->status == 201 || now.answer->status == 401)) {
    desk_.authority.enrolment_ended(now.answer->status == 201, now.stream.origin(), steady_now());
  }
}

void Conversation::answer(httplib::Response& response) {
  const Answer& from = *exchange_->answer;
  response.status = from.status;
  response.set_header("Date", date_text(wall_now()));
  response.set_header("Cache-Control", "no-store");
  response.set_header("Accept-Ranges", "none");
  response.set_header("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : from.headers) {
    response.set_header(name, value);
  }
  if (!from.body.empty()) {
    // borrowed, so that no copy of a secret stays behind, and never compressed
    response.set_content_provider(
        from.body.size(), from.type,
        [this](std::size_t offset, std::size_t size, httplib::DataSink& sink) {
          return sink.write(exchange_->answer->body.data() + offset, size);
        });
  }
  exchange_->stream.extend(steady_now() + exchange_->answer_time);
}

/// The library refused by itself.
void Conversation::explain(httplib::Response& response) {
  if (!exchange_->answer) {
    exchange_->answer =
        problem(response.status, "malformed",
                response.status == 414 ? "the path is too long" : "this is no request of HTTP/1.1");
    answer(response);
  }
}

void Conversation::finish(const httplib::Response& response) {
  RequestLine& line = exchange_->line;
  line.status = response.status;
  line.why = exchange_->answer ? exchange_->answer->why : "";
  line.identity = exchange_->answer ? exchange_->answer->identity : "";
}

}  // namespace countersign::registrar
