#include "registrar/reg_serv.hpp"

#include <array>
#include <charconv>

#include "countersign/identity.hpp"
#include "registrar/body.hpp"
#include "registrar/openapi.hpp"
#include "registrar/refusals.hpp"

namespace countersign::registrar {
namespace {

using Type = Member::Type;

constexpr std::array kDeviceShape{Member{"deviceData", Type::map_of_texts, true},
                                  Member{"label", Type::text}, Member{"roles", Type::texts}};
constexpr std::array kLegacyShape{Member{"user", Type::text, true}, Member{"password", Type::text},
                                  Member{"passwordHash", Type::text}, Member{"roles", Type::texts},
                                  Member{"label", Type::text}};
constexpr std::array kTokenShape{Member{"expiresIn", Type::number}, Member{"label", Type::text},
                                 Member{"roles", Type::texts}};

constexpr std::uint32_t kMaxPage = 1000;
constexpr std::uint32_t kDefaultPage = 100;
constexpr std::size_t kTokenIdCharacters = 16;

/// Moves the members of `body` into `command`.
void add_members(Json& command, Json& body) {
  for (auto& [name, value] : body.items()) {
    command[name] = std::move(value);
  }
}

Answer created(Json data, const char* folder, const char* key) {
  const auto name = data.find(key);
  const std::string text = name != data.end() && name->is_string() ? name->get<std::string>() : "";
  Answer out = result(201, std::move(data));
  out.headers.emplace_back("Location", std::string{folder} + text);
  out.identity = text;
  return out;
}

Answer no_content() {
  Answer out;
  out.status = 204;
  out.type.clear();
  return out;
}

bool is_token_id(std::string_view text) {
  return text.size() == kTokenIdCharacters &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// Where a page begins, or how long it is: at most `high`, or nothing.
std::optional<std::uint32_t> number_of(std::string_view text, std::uint32_t low,
                                       std::uint32_t high) {
  std::uint32_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = fault == std::errc{} && end == text.data() + text.size();
  return whole && number >= low && number <= high ? std::optional{number} : std::nullopt;
}

/// Reads offset and count into `command`. False for anything else, twice, or out of range.
bool add_page(Json& command, const std::multimap<std::string, std::string>& query) {
  command["offset"] = 0;
  command["count"] = kDefaultPage;
  for (const auto& [key, value] : query) {
    const bool is_offset = key == "offset";
    const auto number = is_offset ? number_of(value, 0, std::numeric_limits<std::int32_t>::max())
                                  : number_of(value, 1, kMaxPage);
    if ((!is_offset && key != "count") || query.count(key) != 1 || !number) {
      return false;
    }
    command[key] = *number;
  }
  return true;
}

Answer no_such(std::string_view what) { return problem(404, "not_found", what); }

/// Notes for the log whom it was about: only a name that exists, for others may be anything, a
/// secret in the wrong place too.
Answer about(std::string_view name, Answer answer) {
  if (answer.status != 404) {
    answer.identity = name;
  }
  return answer;
}

}  // namespace

std::variant<Json, Answer> RegServ::ask(Json command) {
  std::string text = command.dump(-1, ' ', true, Json::error_handler_t::replace);
  wipe_texts(command);
  auto answer = broker_.ask(text);
  wipe_text(text);
  if (!answer) {
    return answer_to(answer.why());
  }
  Json data = Json::parse(*answer, nullptr, false);
  wipe_text(*answer);
  if (data.is_discarded()) {
    return problem(500, "internal", "the broker's answer is no JSON");
  }
  return data;
}

Answer RegServ::register_device(const Asked& asked) {
  auto read = read_body(asked.body, kDeviceShape);
  if (auto* const fault = std::get_if<Answer>(&read)) {
    return std::move(*fault);
  }
  Json& body = std::get<Json>(read);
  Json command{{"command", "registerDevice"}};
  if (!asked.caller.token.empty()) {
    if (body.contains("roles")) {
      return problem(400, "malformed", "roles come with the enrolment token");
    }
    command["token"] = asked.caller.token;
  }
  add_members(command, body);
  auto data = ask(std::move(command));
  if (auto* const refused = std::get_if<Answer>(&data)) {
    return std::move(*refused);
  }
  return created(std::get<Json>(std::move(data)), "/v1/devices/", "identity");
}

Answer RegServ::register_legacy(const Asked& asked) {
  auto read = read_body(asked.body, kLegacyShape);
  if (auto* const fault = std::get_if<Answer>(&read)) {
    return std::move(*fault);
  }
  Json& body = std::get<Json>(read);
  if (body.contains("password") == body.contains("passwordHash")) {
    wipe_texts(body);
    return problem(400, "malformed", "give exactly one of password and passwordHash");
  }
  Json command{{"command", "registerDevice"}, {"kind", "legacy"}};
  const std::string user = body["user"].get<std::string>();
  command["identity"] = user;
  body.erase("user");
  add_members(command, body);
  auto data = ask(std::move(command));
  if (auto* const refused = std::get_if<Answer>(&data)) {
    return std::move(*refused);
  }
  return created({{"identity", user}, {"user", user}}, "/v1/devices/", "identity");
}

Answer RegServ::list_devices(const Asked& asked) {
  Json command{{"command", "listDevices"}, {"verbose", true}};
  if (!add_page(command, asked.query)) {
    return problem(400, "malformed", "offset and count are whole numbers, count from 1 to 1000");
  }
  auto data = ask(std::move(command));
  if (auto* const refused = std::get_if<Answer>(&data)) {
    return std::move(*refused);
  }
  return result(200, std::get<Json>(std::move(data)));
}

Answer RegServ::show_device(const Asked& asked) {
  if (!is_identity(asked.name)) {
    return no_such("Device not found");
  }
  auto data = ask({{"command", "getDevice"}, {"identity", asked.name}});
  return about(asked.name, std::holds_alternative<Json>(data)
                               ? result(200, std::get<Json>(std::move(data)))
                               : std::get<Answer>(std::move(data)));
}

Answer RegServ::remove_device(const Asked& asked) {
  if (!is_identity(asked.name)) {
    return no_such("Device not found");
  }
  auto data = ask({{"command", "removeDevice"}, {"identity", asked.name}});
  return about(asked.name, std::holds_alternative<Json>(data) ? no_content()
                                                              : std::get<Answer>(std::move(data)));
}

Answer RegServ::create_token(const Asked& asked) {
  auto read = read_body(asked.body, kTokenShape);
  if (auto* const fault = std::get_if<Answer>(&read)) {
    return std::move(*fault);
  }
  Json command{{"command", "createEnrolmentToken"}};
  add_members(command, std::get<Json>(read));
  auto data = ask(std::move(command));
  if (auto* const refused = std::get_if<Answer>(&data)) {
    return std::move(*refused);
  }
  return created(std::get<Json>(std::move(data)), "/v1/enrolment-tokens/", "id");
}

Answer RegServ::list_tokens(const Asked&) {
  auto data = ask({{"command", "listEnrolmentTokens"}});
  if (auto* const refused = std::get_if<Answer>(&data)) {
    return std::move(*refused);
  }
  return result(200, std::get<Json>(std::move(data)));
}

Answer RegServ::revoke_token(const Asked& asked) {
  // a token that stands where its id belongs must not reach the log
  if (!is_token_id(asked.name)) {
    return no_such("Token not found");
  }
  auto data = ask({{"command", "revokeEnrolmentToken"}, {"id", asked.name}});
  return about(asked.name, std::holds_alternative<Json>(data) ? no_content()
                                                              : std::get<Answer>(std::move(data)));
}

Answer RegServ::health(const Asked&) {
  if (!broker_.online()) {
    constexpr Millis kPause = 5'000;
    return try_later(503, "broker_away", "not logged in to the broker", kPause);
  }
  return result(200, {{"broker", "online"}});
}

Answer RegServ::description(const Asked&) {
  Answer out;
  out.type = "application/yaml";
  out.body = kOpenApi;
  return out;
}

}  // namespace countersign::registrar
