#include "registrar/refusals.hpp"

#include <algorithm>
#include <array>

#include "registrar/note.hpp"

namespace countersign::registrar {
namespace {

/// The plugin's words, as far as HTTP has a status for them (docs/protocol.md, section 10).
struct Refused {
  std::string_view text;  ///< how they begin
  int status;
  std::string_view why;
};
constexpr std::array kRefused{
    Refused{"Device data is known", 409, "known_device"},
    Refused{"Device already exists", 409, "known_device"},
    Refused{"Device not found", 404, "not_found"},
    Refused{"Token not found", 404, "not_found"},
    Refused{"Invalid token", 401, "bad_token"},
    Refused{"Not for a registrar", 403, "not_for_registrar"},
    Refused{"Not an administrator", 503, "not_registrar"},
    Refused{"Not durable", 503, "not_durable"},
    Refused{"In force, but not durable", 503, "not_durable"},
};

constexpr Millis kPause = 5'000;

Answer refused(const client::Error& error) {
  const auto* const known = std::find_if(kRefused.begin(), kRefused.end(), [&](const Refused& one) {
    return error.text.starts_with(one.text);
  });
  if (known == kRefused.end()) {
    return problem(422, "refused", error.text);
  }
  if (known->status == 401) {
    return unauthorised(known->why);
  }
  if (known->status == 503) {
    note("the broker refuses to act: " + error.text);
    return try_later(503, known->why, "the broker cannot do this now", kPause);
  }
  return problem(known->status, known->why, error.text);
}

}  // namespace

Answer answer_to(const client::Error& error) {
  switch (error.fault) {
    case client::Fault::refused:
      return refused(error);
    case client::Fault::network:
      return try_later(503, "broker_away", "the broker does not answer; look whether it was done",
                       kPause);
    case client::Fault::usage:
    case client::Fault::card:
    case client::Fault::file:
      note("cannot ask the broker: " + error.text);
      return problem(500, "internal", "the registrar cannot ask the broker");
  }
  return problem(500, "internal", "the registrar cannot ask the broker");
}

}  // namespace countersign::registrar
