#include "engine/admin_json.hpp"

#include <algorithm>

#include "countersign/mfar_query.hpp"
#include "engine/hex.hpp"
#include "engine/strict_json.hpp"

namespace countersign::engine {
namespace {

using Json = nlohmann::json;

constexpr int kMaxDepth = 8;

}  // namespace

std::optional<Json> parse_commands(std::string_view request) {
  auto parsed = parse_strict(request, kMaxDepth);
  if (!parsed || !parsed->is_object()) {
    return std::nullopt;
  }
  const auto commands = parsed->find("commands");
  return commands != parsed->end() && commands->is_array() ? std::optional{std::move(*commands)}
                                                           : std::nullopt;
}

void wipe_texts(Json& value) {
  if (value.is_string()) {
    wipe(std::as_writable_bytes(std::span{value.get_ref<std::string&>()}));
  } else if (value.is_structured()) {
    for (Json& part : value) {
      wipe_texts(part);
    }
  }
}

void wipe_secrets(Json& command) {
  if (!command.is_object()) {
    return;
  }
  for (const char* const name : {"key", "password", "passwordHash", "token"}) {
    if (const auto secret = command.find(name); secret != command.end() && secret->is_string()) {
      wipe(std::as_writable_bytes(std::span{secret->get_ref<std::string&>()}));
    }
  }
}

std::size_t count_at(const Json& object, const char* key, std::size_t otherwise) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::size_t>()
                                                              : otherwise;
}

bool flag_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && *found == true;
}

std::string text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::optional<Key32> key_at(const Json& object, const char* key) {
  std::string hex = text_at(object, key);
  Key32 secret;
  bool ok = hex.size() == 2 * secret.bytes().size();
  for (std::size_t i = 0; ok && i < secret.bytes().size(); ++i) {
    const unsigned high = hex_value(hex[2 * i]);
    const unsigned low = hex_value(hex[2 * i + 1]);
    ok = high < 16 && low < 16;
    secret.fill()[i] = static_cast<std::byte>(ok ? high << 4U | low : 0U);
  }
  wipe(std::as_writable_bytes(std::span{hex}));
  return ok ? std::optional{secret} : std::nullopt;
}

std::optional<std::vector<store::Registration::Field>> device_data_at(const Json& object) {
  const auto data = object.find("deviceData");
  if (data == object.end() || !data->is_object() || data->size() > store::kMaxDeviceFields) {
    return std::nullopt;
  }
  std::vector<store::Registration::Field> fields;
  bool long_enough = false;
  for (const auto& [name, value] : data->items()) {
    const std::string text = value.is_string() ? value.get<std::string>() : std::string{};
    if (!is_field_name(name) || text.empty() || text.size() > kMaxFieldValueBytes) {
      return std::nullopt;
    }
    long_enough = long_enough || text.size() >= kMinAskedResultBytes;
    fields.emplace_back(name, text);
  }
  const bool whole = std::all_of(kRequiredFields.begin(), kRequiredFields.end(),
                                 [&](std::string_view name) { return data->contains(name); });
  return whole && long_enough ? std::optional{fields} : std::nullopt;
}

std::optional<Kind> kind_at(const Json& object) {
  if (!object.contains("kind")) {
    return Kind::device;
  }
  const std::string name = text_at(object, "kind");
  for (std::size_t i = 0; i < kKindNames.size(); ++i) {
    if (kKindNames[i] == name) {
      return static_cast<Kind>(i);
    }
  }
  return std::nullopt;
}

std::optional<std::vector<std::string>> words_at(const Json& object, const char* key) {
  std::vector<std::string> words;
  const auto found = object.find(key);
  if (found == object.end()) {
    return words;
  }
  if (!found->is_array() || found->size() > 64) {
    return std::nullopt;
  }
  for (const Json& word : *found) {
    if (!word.is_string() || !is_identity(word.get_ref<const std::string&>())) {
      return std::nullopt;
    }
    words.push_back(word.get<std::string>());
  }
  return words;
}

std::optional<std::uint8_t> suites_at(const Json& object) {
  std::uint8_t mask = 0;
  const auto found = object.find("suites");
  if (found == object.end()) {
    return mask;
  }
  if (!found->is_array() || found->empty()) {
    return std::nullopt;
  }
  for (const Json& suite : *found) {
    if (suite != 1 && suite != 2) {
      return std::nullopt;
    }
    mask = static_cast<std::uint8_t>(mask | suite.get<unsigned>());
  }
  return mask;
}

std::string standing_text(const Principal& principal, Millis now) {
  const Refusal why = standing(principal, now);
  return why == Refusal::none ? "active" : std::string{name_of(why)};
}

Json describe(const LiveSession& session) {
  Json out{{"kid", session.kid},
           {"createdAt", session.created},
           {"messages", session.messages},
           {"over", session.over}};
  if (session.replaced_until != 0) {
    out["replacedUntil"] = session.replaced_until;
  }
  return out;
}

Json describe(const Registry& registry, const Principal& principal, Millis now) {
  Json out{{"identity", principal.identity},
           {"kind", name_of(principal.kind)},
           {"method", kMethodNames[static_cast<std::size_t>(principal.method())]},
           {"standing", standing_text(principal, now)},
           {"level", name_of(principal.reputation.level)},
           {"score", principal.reputation.score},
           {"epoch", principal.epoch},
           {"roles", registry.roles_of(principal)},
           {"registeredAt", principal.registered_at}};
  if (principal.expelled_until > now) {
    out["expelledUntil"] = principal.expelled_until;
    out["expulsions"] = principal.strikes;
  }
  if (principal.particulars) {
    const Particulars& more = *principal.particulars;
    for (const auto& [key, text] : {std::pair{"label", &more.label}, {"reason", &more.reason}}) {
      if (!text->empty()) {
        out[key] = *text;
      }
    }
  }
  if (const KnownCard* const card = principal.card(); card != nullptr) {
    out["card"] = card->uid;
  }
  if (const auto* const registration = principal.registration();
      registration != nullptr && !registration->data.empty()) {
    for (const auto& [name, value] : registration->data) {
      out["deviceData"][name] = value;
    }
  }
  out["sessions"] = Json::array();
  if (principal.activity) {
    for (const LiveSession& session : principal.activity->sessions) {
      if (!session.over) {
        out["sessions"].push_back(describe(session));
      }
    }
  }
  return out;
}

}  // namespace countersign::engine
