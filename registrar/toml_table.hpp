#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "countersign/bytes.hpp"
#include "countersign/client/outcome.hpp"
#include "registrar/toml_library.hpp"

namespace countersign::registrar {

/// The first fault of one configuration file.
class Faults {
 public:
  explicit Faults(std::string file) : file_{std::move(file)} {}

  void add(const toml::source_position& at, const std::string& message, std::string hint = {});
  [[nodiscard]] bool none() const { return !first_; }
  /// Only if there is one.
  [[nodiscard]] const client::Error& first() const { return *first_; }

 private:
  std::string file_;
  std::optional<client::Error> first_;
};

/// One table of the file. Every reader leaves its target alone if the key is absent or at fault;
/// the first fault sticks, so that a parser asks once, at its end. Borrows everything.
class Table {
 public:
  /// `keys` are all that the table may hold: others are faults at once.
  Table(Faults& faults, const toml::table& table, std::string name,
        std::span<const std::string_view> keys);

  void text(std::string_view key, std::string& out) const;
  void flag(std::string_view key, bool& out) const;
  /// An integer from `low` to `high`.
  void number(std::string_view key, std::uint32_t& out, std::uint32_t low,
              std::uint32_t high) const;
  /// A whole number and its unit (s, m or h), from `low` to `high`.
  void duration(std::string_view key, Millis& out, Millis low, Millis high) const;
  /// An array of strings.
  void texts(std::string_view key, std::vector<std::string>& out) const;
  /// Calls `take` with the table at `key`, if there is one.
  void table(std::string_view key, const std::function<void(const toml::table&)>& take) const;

  /// Blames the value at `key`, or the table if it is not there.
  void blame(std::string_view key, const std::string& message, std::string hint = {}) const;

 private:
  void refuse_unknown(std::span<const std::string_view> keys) const;
  void expected(const toml::node& at, std::string_view key, const std::string& what) const;
  [[nodiscard]] std::string path(std::string_view key) const;

  Faults& faults_;
  const toml::table& table_;
  std::string name_;
};

}  // namespace countersign::registrar
