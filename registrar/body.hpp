#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "registrar/answer.hpp"

namespace countersign::registrar {

/// One member of a request's body.
struct Member {
  enum class Type : std::uint8_t { text, texts, map_of_texts, number };
  std::string_view name;
  Type type = Type::text;
  bool required = false;
};

/// The parsed body, or what is wrong with it. It may hold secrets: `wipe_texts` when done.
using Body = std::variant<Json, Answer>;

/// Reads a JSON object whose members are those of `shape`: UTF-8, no name twice, no deeper than
/// they are. What the values must be, the plugin judges.
[[nodiscard]] Body read_body(std::string_view text, std::span<const Member> shape);

}  // namespace countersign::registrar
