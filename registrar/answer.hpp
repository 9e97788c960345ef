#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "countersign/bytes.hpp"

namespace countersign::registrar {

using Json = nlohmann::ordered_json;

/// What a request is answered with. Its body may hold secrets and is wiped at the end.
struct Answer {
  Answer() = default;
  Answer(Answer&& other) noexcept = default;
  Answer& operator=(Answer&& other) noexcept;
  ~Answer();

  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string_view why;  ///< one word for the log; empty if all is well. A literal
  std::string identity;  ///< whom it was about, for the log; an identity or a token's id, or empty
};

/// What HTTP calls a status.
[[nodiscard]] std::string_view phrase_of(int status);

/// A result. `data` is wiped.
[[nodiscard]] Answer result(int status, Json data);

/// RFC 9457. `detail` must not quote what may be a secret.
[[nodiscard]] Answer problem(int status, std::string_view why, std::string_view detail);

/// The same with Retry-After, at least a second.
[[nodiscard]] Answer try_later(int status, std::string_view why, std::string_view detail,
                               Millis pause);

/// The one answer to whoever has not shown that they may ask: no credentials, wrong, spent,
/// expired or malformed ones. Only the log tells which.
[[nodiscard]] Answer unauthorised(std::string_view why);

/// Overwrites every text in `value`.
void wipe_texts(Json& value);

/// Overwrites `text` and empties it.
void wipe_text(std::string& text);

}  // namespace countersign::registrar
