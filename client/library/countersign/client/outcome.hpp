#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include "countersign/refusal.hpp"

namespace countersign::client {

/// What kind of thing went wrong. The values are the command line's exit codes: frozen.
enum class Fault : std::uint8_t {
  refused = 1,  ///< the answer is no
  usage = 2,    ///< the caller asked for something that cannot be
  card = 3,     ///< card or reader
  network = 4,  ///< network or broker
  file = 5,     ///< file or configuration
};

/// What went wrong, in words for a person. Never holds a secret.
struct Error {
  Fault fault = Fault::network;
  std::string text;             ///< lower case, no full stop
  std::string hint = {};        ///< what to do; may be empty
  Refusal why = Refusal::none;  ///< the broker's reason, where it gave one
};

[[nodiscard]] constexpr int exit_code(Fault fault) { return static_cast<int>(fault); }

/// A `T` or an `Error`, never both.
template <class T>
class [[nodiscard]] Outcome {
 public:
  Outcome(T value) : state_{std::in_place_index<0>, std::move(value)} {}
  Outcome(Error why) : state_{std::in_place_index<1>, std::move(why)} {}

  [[nodiscard]] explicit operator bool() const { return state_.index() == 0; }
  /// Only if true.
  [[nodiscard]] T& operator*() { return *std::get_if<0>(&state_); }
  [[nodiscard]] const T& operator*() const { return *std::get_if<0>(&state_); }
  [[nodiscard]] T* operator->() { return std::get_if<0>(&state_); }
  [[nodiscard]] const T* operator->() const { return std::get_if<0>(&state_); }
  /// Only if false.
  [[nodiscard]] const Error& why() const { return *std::get_if<1>(&state_); }

 private:
  std::variant<T, Error> state_;
};

struct Done {};
using Status = Outcome<Done>;

}  // namespace countersign::client
