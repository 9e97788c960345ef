#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace countersign::config {

/// True for a JSON pointer (RFC 6901), the empty one included.
[[nodiscard]] bool is_json_pointer(std::string_view text);

/// An array index: RFC 6901, section 4: no leading zeros.
[[nodiscard]] std::optional<std::size_t> index_of(std::string_view token);

/// One character of a pointer token, its escape undone (RFC 6901, section 4); taken off `token`,
/// which is not empty.
[[nodiscard]] char next_of_token(std::string_view& token);

/// True if the pointer token `token` names `name`.
[[nodiscard]] bool is_token(std::string_view token, std::string_view name);

/// Where the value that is being read stands on the way to the one that is sought.
struct PointerWay {
  bool leads = false;     ///< the sought value is here or further inside
  std::string_view rest;  ///< of the pointer, from here

  [[nodiscard]] bool here() const { return leads && rest.empty(); }
  [[nodiscard]] bool inside() const { return leads && !rest.empty(); }
  [[nodiscard]] std::string_view token() const { return rest.substr(1, rest.find('/', 1) - 1); }
  [[nodiscard]] PointerWay step() const { return {true, rest.substr(1 + token().size())}; }
};

}  // namespace countersign::config
