/// An administration request: taken strictly or not at all, and no field of a command, whatever
/// stands there, comes out as something that the engine does not expect.

#include <algorithm>
#include <cctype>

#include "engine/admin_json.hpp"
#include "fuzz/input.hpp"
#include "unit/octets.hpp"

namespace countersign::fuzz {
namespace {

using nlohmann::json;

std::size_t depth_of(const json& piece) {
  std::size_t deepest = 0;
  if (piece.is_structured()) {
    for (const json& inner : piece) {
      deepest = std::max(deepest, 1 + depth_of(inner));
    }
  }
  return deepest;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// A key is the text that stands there, and is gone after `wipe_key`.
void secret(json& command) {
  const std::string text = engine::text_at(command, "key");
  if (const auto key = engine::key_at(command, "key")) {
    require(test::hex(key->bytes()) == lower(text));
  }
  engine::wipe_secrets(command);
  require(engine::text_at(command, "key") == std::string(text.size(), '\0'));
  require(!engine::key_at(command, "key"));
}

void words(const json& command, const char* key) {
  const auto words = engine::words_at(command, key);
  require(!words ||
          (words->size() <= 64 && std::all_of(words->begin(), words->end(), is_identity)));
  require(!words || command.contains(key) || words->empty());
}

void fields(json& command) {
  for (const char* const key : {"command", "identity", "label", "reason", "card", "role"}) {
    const std::string text = engine::text_at(command, key);
    require(text.empty() || command.at(key) == text);
  }
  words(command, "roles");
  const auto suites = engine::suites_at(command);
  require(!suites || (*suites <= 3 && (*suites == 0) == !command.contains("suites")));
  const auto kind = engine::kind_at(command);
  require(!kind || !command.contains("kind") || command.at("kind") == name_of(*kind));
  for (const char* const key : {"offset", "count", "kid"}) {
    const std::size_t count = engine::count_at(command, key, 7);
    require(count == 7 || command.at(key) == count);
  }
}

}  // namespace

void run(std::string_view request) {
  auto commands = engine::parse_commands(request);
  if (!commands) {
    return;
  }
  require(commands->is_array() && depth_of(*commands) <= 8);
  const auto again = engine::parse_commands(json{{"commands", *commands}}.dump());
  require(again && *again == *commands);
  for (json& command : *commands) {
    fields(command);
    secret(command);
  }
}

}  // namespace countersign::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  countersign::fuzz::run(countersign::text_of(std::as_bytes(std::span{data, size})));
  return 0;
}
