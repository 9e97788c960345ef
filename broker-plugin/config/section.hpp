#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/config_error.hpp"
#include "config/toml_library.hpp"
#include "countersign/bytes.hpp"

namespace countersign::config {

/// The first fault of one file.
class Faults {
 public:
  explicit Faults(std::string file) : file_{std::move(file)} {}

  void add(const toml::node& at, std::string message, std::string hint = {});
  void add(const toml::source_position& at, std::string message, std::string hint = {});
  [[nodiscard]] bool none() const { return !first_; }
  /// Only if there is one.
  [[nodiscard]] const ConfigError& first() const { return *first_; }

 private:
  std::string file_;
  std::optional<ConfigError> first_;
};

/// One table of the file. Every reader leaves its target alone if the key is absent or at fault;
/// the first fault sticks, so that a parser asks once, at its end. Borrows everything.
class Section {
 public:
  /// `keys` are all that the table may hold: others are faults at once.
  Section(Faults& faults, const toml::table& table, std::string name,
          std::span<const std::string_view> keys);

  void text(std::string_view key, std::string& out) const;
  void flag(std::string_view key, bool& out) const;
  /// An integer from `low` to `high`.
  void number(std::string_view key, std::uint32_t& out, std::uint32_t low,
              std::uint32_t high) const;
  void real(std::string_view key, std::optional<double>& out) const;
  void reals(std::string_view key, std::vector<double>& out) const;
  void duration(std::string_view key, Millis& out, Millis low, Millis high) const;
  /// An array of strings, or one string.
  void texts(std::string_view key, std::optional<std::vector<std::string>>& out) const;
  /// One of `words`; `out` becomes its place among them.
  void word(std::string_view key, std::size_t& out, std::span<const std::string_view> words) const;
  /// Calls `take` with the table at `key`, if there is one.
  void table(std::string_view key, const std::function<void(const toml::table&)>& take) const;
  /// Calls `take` with every table of the array at `key`; `or_one`: or with the table at `key`.
  void tables(std::string_view key, bool or_one,
              const std::function<void(const toml::table&)>& take) const;

  [[nodiscard]] bool has(std::string_view key) const { return table_.contains(key); }
  /// Blames the value at `key`, or the table if it is not there.
  void blame(std::string_view key, std::string message, std::string hint = {}) const;

 private:
  void refuse_unknown(std::span<const std::string_view> keys) const;
  void expected(const toml::node& at, std::string_view key, const std::string& what) const;
  [[nodiscard]] std::string path(std::string_view key) const;

  Faults& faults_;
  const toml::table& table_;
  std::string name_;
};

/// The word among `words` that `text` was probably meant to be, or empty.
[[nodiscard]] std::string_view closest(std::string_view text,
                                       std::span<const std::string_view> words);

}  // namespace countersign::config
