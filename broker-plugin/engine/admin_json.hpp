#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/registry.hpp"

/// What administration reads from and writes to JSON.
namespace countersign::engine {

/// The list of commands in a request. Nothing for what is no JSON of that form, is nested deeper
/// than any command, or names a key twice.
[[nodiscard]] std::optional<nlohmann::json> parse_commands(std::string_view request);

/// Wipes every text in `value`.
void wipe_texts(nlohmann::json& value);

/// Wipes the secrets of a command that has been executed.
void wipe_secrets(nlohmann::json& command);

/// The whole number at `key`, or `otherwise` if it is missing or none.
[[nodiscard]] std::size_t count_at(const nlohmann::json& object, const char* key,
                                   std::size_t otherwise);

/// True if `key` holds true.
[[nodiscard]] bool flag_at(const nlohmann::json& object, const char* key);

/// The text at `key`, or empty if it is missing or no text.
[[nodiscard]] std::string text_at(const nlohmann::json& object, const char* key);

/// A secret of 32 bytes in 64 hex digits.
[[nodiscard]] std::optional<Key32> key_at(const nlohmann::json& object, const char* key);

/// Device data as a registration holds it, sorted by name; nothing if a required field is missing
/// or a name or value is none.
[[nodiscard]] std::optional<std::vector<store::Registration::Field>> device_data_at(
    const nlohmann::json& object);

/// The kind at "kind", device if there is none; nothing if it is no kind.
[[nodiscard]] std::optional<Kind> kind_at(const nlohmann::json& object);

/// A list of identities-like words; nothing if it is something else.
[[nodiscard]] std::optional<std::vector<std::string>> words_at(const nlohmann::json& object,
                                                               const char* key);

/// The suites at "suites" as a bit mask, 0 if there are none; nothing if they are something else.
[[nodiscard]] std::optional<std::uint8_t> suites_at(const nlohmann::json& object);

/// One word for the standing of an identity: active, disabled, blocked, cloned or expelled.
[[nodiscard]] std::string standing_text(const Principal& principal, Millis now);

/// All that an administrator may know of an identity; never a secret.
[[nodiscard]] nlohmann::json describe(const Registry& registry, const Principal& principal,
                                      Millis now);

[[nodiscard]] nlohmann::json describe(const LiveSession& session);

}  // namespace countersign::engine
