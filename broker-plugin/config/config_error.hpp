#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace countersign::config {

/// Why a configuration was not taken, in words for the operator.
struct ConfigError {
  std::string file;
  std::uint32_t line = 0;  ///< 0: the file as a whole
  std::uint32_t column = 0;
  std::string message;
  std::string hint;  ///< what to do; may be empty

  /// `file:line:column: message (hint)`, one line.
  [[nodiscard]] std::string text() const;
};

/// A `T` or a `ConfigError`, never both.
template <class T>
class [[nodiscard]] Parsed {
 public:
  Parsed(T value) : state_{std::move(value)} {}
  Parsed(ConfigError why) : state_{std::move(why)} {}

  [[nodiscard]] explicit operator bool() const { return std::holds_alternative<T>(state_); }
  /// Only if true.
  [[nodiscard]] T& operator*() { return *std::get_if<T>(&state_); }
  [[nodiscard]] const T& operator*() const { return *std::get_if<T>(&state_); }
  [[nodiscard]] T* operator->() { return std::get_if<T>(&state_); }
  [[nodiscard]] const T* operator->() const { return std::get_if<T>(&state_); }
  /// Only if false.
  [[nodiscard]] const ConfigError& why() const { return *std::get_if<ConfigError>(&state_); }

 private:
  std::variant<T, ConfigError> state_;
};

}  // namespace countersign::config
