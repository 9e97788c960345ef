#include "registrar/toml_table.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace countersign::registrar {
namespace {

struct Unit {
  std::string_view name;
  Millis length;
};
constexpr std::array<Unit, 3> kUnits{{{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}}};

std::optional<Millis> parse_duration(std::string_view text) {
  std::uint32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, number);
  if (fault != std::errc{}) {
    return std::nullopt;
  }
  const std::string_view name{stop, static_cast<std::size_t>(end - stop)};
  const auto* const unit = std::find_if(kUnits.begin(), kUnits.end(),
                                        [name](const Unit& one) { return one.name == name; });
  return unit == kUnits.end() ? std::nullopt : std::optional{number * unit->length};
}

std::string duration_text(Millis time) {
  const auto* const unit = std::find_if(kUnits.begin(), kUnits.end(),
                                        [time](const Unit& one) { return time % one.length == 0; });
  return std::to_string(time / unit->length).append(unit->name);
}

/// How many letters, from the front, two words share.
std::size_t common_letters(std::string_view a, std::string_view b) {
  const auto [end, other] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<std::size_t>(end - a.begin());
}

/// The key that was probably meant, or all that there are.
std::string advice(std::string_view key, std::span<const std::string_view> keys) {
  constexpr std::size_t kAlike = 3;
  const auto best = std::max_element(keys.begin(), keys.end(), [key](auto a, auto b) {
    return common_letters(a, key) < common_letters(b, key);
  });
  if (best != keys.end() && common_letters(*best, key) >= kAlike) {
    return std::string{"did you mean "}.append(*best).append("?");
  }
  std::string known;
  for (const std::string_view one : keys) {
    known.append(known.empty() ? "known are: " : ", ").append(one);
  }
  return known;
}

}  // namespace

void Faults::add(const toml::source_position& at, const std::string& message, std::string hint) {
  if (first_) {
    return;
  }
  std::string where = file_;
  if (at.line != 0) {
    where += ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
  }
  first_ = client::Error{
      .fault = client::Fault::file, .text = where + ": " + message, .hint = std::move(hint)};
}

Table::Table(Faults& faults, const toml::table& table, std::string name,
             std::span<const std::string_view> keys)
    : faults_{faults}, table_{table}, name_{std::move(name)} {
  refuse_unknown(keys);
}

void Table::refuse_unknown(std::span<const std::string_view> keys) const {
  for (const auto& [key, value] : table_) {
    if (std::find(keys.begin(), keys.end(), key.str()) == keys.end()) {
      faults_.add(key.source().begin,
                  std::string{"unknown key \""}.append(key.str()).append(
                      name_.empty() ? "\"" : "\" in " + name_),
                  advice(key.str(), keys));
    }
  }
}

std::string Table::path(std::string_view key) const {
  return name_.empty() ? std::string{key} : (name_ + " ").append(key);
}

void Table::expected(const toml::node& at, std::string_view key, const std::string& what) const {
  faults_.add(at.source().begin, path(key) + " must be " + what);
}

void Table::blame(std::string_view key, const std::string& message, std::string hint) const {
  const toml::node* const value = table_.get(key);
  const toml::node& at = value != nullptr ? *value : static_cast<const toml::node&>(table_);
  faults_.add(at.source().begin, path(key) + " " + message, std::move(hint));
}

void Table::text(std::string_view key, std::string& out) const {
  const toml::node* const value = table_.get(key);
  if (value == nullptr) {
    return;
  }
  const auto* const text = value->as_string();
  if (text == nullptr || text->get().empty() || text->get().find('\0') != std::string::npos) {
    return expected(*value, key, "a string, not empty and without NUL");
  }
  out = text->get();
}

void Table::flag(std::string_view key, bool& out) const {
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

void Table::number(std::string_view key, std::uint32_t& out, std::uint32_t low,
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

void Table::duration(std::string_view key, Millis& out, Millis low, Millis high) const {
  const toml::node* const value = table_.get(key);
  if (value == nullptr) {
    return;
  }
  const auto* const text = value->as_string();
  const auto time = text != nullptr ? parse_duration(text->get()) : std::nullopt;
  if (!time || *time < low || *time > high) {
    return expected(*value, key,
                    "a time from \"" + duration_text(low) + "\" to \"" + duration_text(high) +
                        "\", with its unit: s, m or h");
  }
  out = *time;
}

void Table::texts(std::string_view key, std::vector<std::string>& out) const {
  const toml::node* const value = table_.get(key);
  if (value == nullptr) {
    return;
  }
  const toml::array* const array = value->as_array();
  if (array == nullptr) {
    return expected(*value, key, "an array of strings");
  }
  for (const toml::node& entry : *array) {
    const auto* const text = entry.as_string();
    if (text == nullptr || text->get().empty()) {
      return expected(entry, key, "an array of strings that are not empty");
    }
    out.push_back(text->get());
  }
}

void Table::table(std::string_view key, const std::function<void(const toml::table&)>& take) const {
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

}  // namespace countersign::registrar
