#include "registrar/answer.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace countersign::registrar {
namespace {

struct Phrase {
  int status;
  std::string_view text;
};
// RFC 9110, section 15; 429 and 431: RFC 6585
constexpr std::array kPhrases{
    Phrase{400, "Bad Request"},
    Phrase{401, "Unauthorized"},
    Phrase{403, "Forbidden"},
    Phrase{404, "Not Found"},
    Phrase{405, "Method Not Allowed"},
    Phrase{409, "Conflict"},
    Phrase{411, "Length Required"},
    Phrase{413, "Content Too Large"},
    Phrase{414, "URI Too Long"},
    Phrase{415, "Unsupported Media Type"},
    Phrase{417, "Expectation Failed"},
    Phrase{422, "Unprocessable Content"},
    Phrase{429, "Too Many Requests"},
    Phrase{431, "Request Header Fields Too Large"},
    Phrase{500, "Internal Server Error"},
    Phrase{503, "Service Unavailable"},
};

std::string text_of(const Json& value) {
  return value.dump(-1, ' ', true, Json::error_handler_t::replace);
}

}  // namespace

Answer& Answer::operator=(Answer&& other) noexcept {
  if (this != &other) {
    wipe_text(body);
    status = other.status;
    type = std::move(other.type);
    body = std::move(other.body);
    wipe_text(other.body);
    headers = std::move(other.headers);
    why = other.why;
    identity = std::move(other.identity);
  }
  return *this;
}

Answer::~Answer() { wipe_text(body); }

std::string_view phrase_of(int status) {
  const auto* const found =
      std::find_if(kPhrases.begin(), kPhrases.end(),
                   [status](const Phrase& phrase) { return phrase.status == status; });
  return found == kPhrases.end() ? "Error" : found->text;
}

Answer result(int status, Json data) {
  Answer out;
  out.status = status;
  out.body = text_of(data);
  wipe_texts(data);
  return out;
}

Answer problem(int status, std::string_view why, std::string_view detail) {
  Answer out;
  out.status = status;
  out.type = "application/problem+json";
  out.why = why;
  out.body = text_of({{"type", "about:blank"},
                      {"title", phrase_of(status)},
                      {"status", status},
                      {"detail", detail}});
  return out;
}

Answer try_later(int status, std::string_view why, std::string_view detail, Millis pause) {
  constexpr Millis kSecond = 1'000;
  Answer out = problem(status, why, detail);
  const Millis seconds = std::max<Millis>(1, (pause + kSecond - 1) / kSecond);
  out.headers.emplace_back("Retry-After", std::to_string(seconds));
  return out;
}

Answer unauthorised(std::string_view why) {
  Answer out = problem(401, why,
                       "an administrator's certificate or token, or for a device an "
                       "enrolment token that is still good, is needed");
  out.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"countersign-registrar\"");
  return out;
}

void wipe_text(std::string& text) {
  wipe(std::as_writable_bytes(std::span{text}));
  text.clear();
}

void wipe_texts(Json& value) {
  if (value.is_string()) {
    wipe_text(value.get_ref<std::string&>());
  }
  if (value.is_structured()) {
    for (Json& one : value) {
      wipe_texts(one);
    }
  }
}

}  // namespace countersign::registrar
