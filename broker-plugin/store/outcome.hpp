#pragma once

#include <string>
#include <utility>
#include <variant>

namespace countersign::store {

/// What went wrong, in words for the operator. Never holds a secret.
struct Failure {
  std::string text;
  std::string hint;  ///< what to do; may be empty

  [[nodiscard]] std::string message() const {
    return hint.empty() ? text : text + " (" + hint + ")";
  }
};

/// A `T` or a `Failure`, never both.
template <class T>
class [[nodiscard]] Outcome {
 public:
  Outcome(T value) : state_{std::move(value)} {}
  Outcome(Failure why) : state_{std::move(why)} {}

  [[nodiscard]] explicit operator bool() const { return std::holds_alternative<T>(state_); }
  /// Only if true.
  [[nodiscard]] T& operator*() { return *std::get_if<T>(&state_); }
  [[nodiscard]] const T& operator*() const { return *std::get_if<T>(&state_); }
  [[nodiscard]] T* operator->() { return std::get_if<T>(&state_); }
  [[nodiscard]] const T* operator->() const { return std::get_if<T>(&state_); }
  /// Only if false.
  [[nodiscard]] const Failure& why() const { return *std::get_if<Failure>(&state_); }

 private:
  std::variant<T, Failure> state_;
};

struct Done {};
using Status = Outcome<Done>;

}  // namespace countersign::store
