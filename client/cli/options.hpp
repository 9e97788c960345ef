#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "console.hpp"
#include "countersign/identity.hpp"

namespace countersign::cli {

inline CLI::Option* add_json(CLI::App& app, Console& console) {
  return app.add_flag("--json", console.json, "Print the result as JSON");
}

// checks that do not speak up in the help: the type's name says it already
[[nodiscard]] inline CLI::Validator positive() {
  return CLI::Validator{CLI::PositiveNumber}.description("");
}
[[nodiscard]] inline CLI::Validator not_negative() {
  return CLI::Validator{CLI::NonNegativeNumber}.description("");
}

[[nodiscard]] inline bool same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

/// An option whose value is a word: `names` in the order of the enum's values, which begin at
/// `First`. What `value` holds is the default.
template <int First = 0, class E, std::size_t N>
CLI::Option* add_choice(CLI::App& app, const std::string& flags, E& value,
                        const std::array<std::string_view, N>& names, const std::string& what) {
  std::string list;
  for (const std::string_view name : names) {
    list.append(list.empty() ? "" : "|").append(name);
  }
  const auto choose = [&value, names, list](const std::string& word) {
    const auto found = std::find_if(names.begin(), names.end(),
                                    [&](std::string_view name) { return same_word(name, word); });
    if (found == names.end()) {
      throw CLI::ValidationError(printable(word) + " is none of " + list);
    }
    value = static_cast<E>(found - names.begin() + First);
  };
  return app.add_option_function<std::string>(flags, choose, what)
      ->type_name(list)
      ->default_str(std::string{names[static_cast<std::size_t>(value) - First]});
}

/// Of an identity that has a key. Legacy devices have a password, and no command makes them yet.
inline CLI::Option* add_key_kind(CLI::App& app, Kind& value, const std::string& what) {
  constexpr std::array kKinds{Kind::device, Kind::user, Kind::agent, Kind::admin};
  const auto choose = [&value, kKinds](const std::string& word) {
    const auto* const found = std::find_if(
        kKinds.begin(), kKinds.end(), [&](Kind kind) { return same_word(name_of(kind), word); });
    if (found == kKinds.end()) {
      throw CLI::ValidationError(printable(word) + " is none of device|user|agent|admin");
    }
    value = *found;
  };
  return app.add_option_function<std::string>("--kind", choose, what)
      ->type_name("device|user|agent|admin")
      ->default_str(std::string{name_of(value)});
}

}  // namespace countersign::cli
