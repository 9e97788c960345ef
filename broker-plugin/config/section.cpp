#include "config/section.hpp"

#include <algorithm>
#include <utility>

#include "config/duration.hpp"

namespace countersign::config {
namespace {

/// Levenshtein's distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) {
    row[j] = j;
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t change = diagonal + (a[i] == b[j] ? 0U : 1U);
      diagonal = row[j + 1];
      row[j + 1] = std::min({change, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

/// `text` fit for one line of a terminal.
std::string quoted(std::string_view text) {
  constexpr std::size_t kEnough = 64;
  std::string out = "\"";
  for (const char c : text.substr(0, kEnough)) {
    out += c >= ' ' && c <= '~' ? c : '?';
  }
  return out + (text.size() > kEnough ? "…\"" : "\"");
}

std::string listed(std::span<const std::string_view> words) {
  std::string out;
  for (const std::string_view word : words) {
    out.append(out.empty() ? "" : ", ").append(word);
  }
  return out;
}

std::optional<double> finite(const toml::node& value) {
  if (const auto* const whole = value.as_integer()) {
    return static_cast<double>(whole->get());
  }
  const auto* const real = value.as_floating_point();
  return real != nullptr && std::isfinite(real->get()) ? std::optional{real->get()} : std::nullopt;
}

}  // namespace

std::string_view closest(std::string_view text, std::span<const std::string_view> words) {
  constexpr std::size_t kLongestWord = 40;
  std::string_view best;
  std::size_t least =
      text.size() > kLongestWord ? 0 : std::max<std::size_t>(2, text.size() / 3) + 1;
  for (const std::string_view word : words) {
    const std::size_t steps = least == 0 ? 1 : distance(text, word);
    if (steps < least) {
      least = steps;
      best = word;
    }
  }
  return best;
}

void Faults::add(const toml::node& at, std::string message, std::string hint) {
  add(at.source().begin, std::move(message), std::move(hint));
}

void Faults::add(const toml::source_position& at, std::string message, std::string hint) {
  if (!first_) {
    first_ = ConfigError{file_, at.line, at.column, std::move(message), std::move(hint)};
  }
}

Section::Section(Faults& faults, const toml::table& table, std::string name,
                 std::span<const std::string_view> keys)
    : faults_{faults}, table_{table}, name_{std::move(name)} {
  refuse_unknown(keys);
}

void Section::refuse_unknown(std::span<const std::string_view> keys) const {
  for (const auto& [key, value] : table_) {
    if (std::find(keys.begin(), keys.end(), key.str()) != keys.end()) {
      continue;
    }
    const std::string_view meant = closest(key.str(), keys);
    faults_.add(key.source().begin,
                "unknown key " + quoted(key.str()) + (name_.empty() ? "" : " in " + name_),
                meant.empty() ? "known are: " + listed(keys)
                              : std::string{"did you mean "}.append(meant).append("?"));
  }
}

std::string Section::path(std::string_view key) const {
  return name_.empty() ? std::string{key} : (name_ + " ").append(key);
}

void Section::expected(const toml::node& at, std::string_view key, const std::string& what) const {
  faults_.add(at, path(key) + " must be " + what);
}

void Section::blame(std::string_view key, std::string message, std::string hint) const {
  const toml::node* const value = table_.get(key);
  faults_.add(value != nullptr ? *value : table_, path(key) + " " + std::move(message),
              std::move(hint));
}

void Section::text(std::string_view key, std::string& out) const {
  const toml::node* const value = table_.get(key);
  if (value == nullptr) {
    return;
  }
  const auto* const text = value->as_string();
  if (text == nullptr) {
    return expected(*value, key, "a string");
  }
  if (text->get().find('\0') != std::string::npos) {
    return expected(*value, key, "a string without NUL");
  }
  out = text->get();
}

void Section::flag(std::string_view key, bool& out) const {
  const toml::node* const value = table_.get(key);
  if (value == nullptr) {
    return;
  }
  const auto* const flag = value->as_boolean();
  if (flag == nullptr) {
    return expected(*value, key, "true or false");
  }
  out = flag->get();
}

void Section::number(std::string_view key, std::uint32_t& out, std::uint32_t low,
                     std::uint32_t high) const {
  const toml::node* const value = table_.get(key);
  if (value == nullptr) {
    return;
  }
  const auto* const number = value->as_integer();
  if (number == nullptr || number->get() < low || number->get() > high) {
    return expected(*value, key,
                    "a whole number from " + std::to_string(low) + " to " + std::to_string(high));
  }
  out = static_cast<std::uint32_t>(number->get());
}

void Section::real(std::string_view key, std::optional<double>& out) const {
  const toml::node* const value = table_.get(key);
  if (value == nullptr) {
    return;
  }
  const auto number = finite(*value);
  if (!number) {
    return expected(*value, key, "a finite number");
  }
  out = number;
}

void Section::reals(std::string_view key, std::vector<double>& out) const {
  const toml::node* const value = table_.get(key);
  if (value == nullptr) {
    return;
  }
  const toml::array* const array = value->as_array();
  if (array == nullptr) {
    return expected(*value, key, "an array of numbers");
  }
  for (const toml::node& entry : *array) {
    const auto number = finite(entry);
    if (!number) {
      return expected(entry, key, "an array of finite numbers");
    }
    out.push_back(*number);
  }
}

void Section::duration(std::string_view key, Millis& out, Millis low, Millis high) const {
  const toml::node* const value = table_.get(key);
  if (value == nullptr) {
    return;
  }
  const auto* const text = value->as_string();
  const auto time = text != nullptr ? parse_duration(text->get()) : std::nullopt;
  if (!time || *time < low || *time > high) {
    return expected(*value, key,
                    "a time from \"" + duration_text(low) + "\" to \"" + duration_text(high) +
                        "\", with its unit: ms, s, m, h or d");
  }
  out = *time;
}

void Section::texts(std::string_view key, std::optional<std::vector<std::string>>& out) const {
  const toml::node* const value = table_.get(key);
  if (value == nullptr) {
    return;
  }
  if (const auto* const one = value->as_string()) {
    out = {one->get()};
    return;
  }
  const toml::array* const array = value->as_array();
  if (array == nullptr) {
    return expected(*value, key, "an array of strings");
  }
  out.emplace();
  for (const toml::node& entry : *array) {
    const auto* const text = entry.as_string();
    if (text == nullptr) {
      return expected(entry, key, "an array of strings");
    }
    out->push_back(text->get());
  }
}

void Section::word(std::string_view key, std::size_t& out,
                   std::span<const std::string_view> words) const {
  const toml::node* const value = table_.get(key);
  if (value == nullptr) {
    return;
  }
  const auto* const text = value->as_string();
  const auto found =
      text == nullptr ? words.end() : std::find(words.begin(), words.end(), text->get());
  if (found == words.end()) {
    return expected(*value, key, "one of " + listed(words));
  }
  out = static_cast<std::size_t>(found - words.begin());
}

void Section::table(std::string_view key,
                    const std::function<void(const toml::table&)>& take) const {
  const toml::node* const value = table_.get(key);
  if (value == nullptr) {
    return;
  }
  const toml::table* const table = value->as_table();
  if (table == nullptr) {
    return expected(*value, key, std::string{"a table, written ["}.append(key).append("]"));
  }
  take(*table);
}

void Section::tables(std::string_view key, bool or_one,
                     const std::function<void(const toml::table&)>& take) const {
  const toml::node* const value = table_.get(key);
  if (value == nullptr) {
    return;
  }
  if (const toml::table* const one = value->as_table(); one != nullptr && or_one) {
    return take(*one);
  }
  const std::string what =
      or_one ? "a table or an array of tables"
             : std::string{"an array of tables, written [["}.append(key).append("]]");
  const toml::array* const array = value->as_array();
  if (array == nullptr) {
    return expected(*value, key, what);
  }
  for (const toml::node& entry : *array) {
    if (entry.as_table() == nullptr) {
      return expected(entry, key, what);
    }
    take(*entry.as_table());
  }
}

}  // namespace countersign::config
