#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "store/outcome.hpp"
#include "store/record.hpp"

namespace countersign::store {

/// Where the durable state lives. One object serves one thread.
class Store {
 public:
  virtual ~Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// The server's identity that the registry was made for.
  [[nodiscard]] virtual Outcome<std::string> server_id() = 0;
  /// The run number of the last start; 0 before the first.
  [[nodiscard]] virtual Outcome<std::uint64_t> run() = 0;
  /// Raises the run number durably. \returns the new one.
  [[nodiscard]] virtual Outcome<std::uint64_t> raise_run() = 0;
  /// How many identities are registered.
  [[nodiscard]] virtual Outcome<std::uint64_t> count() = 0;
  /// Hands out every record once. Fails on the first that cannot be read or unwrapped.
  [[nodiscard]] virtual Status load(const std::function<void(Record&&)>& take) = 0;
  /// Hands out all that evaluators learned.
  [[nodiscard]] virtual Status load_learned(const std::function<void(SetLearned&&)>& take) = 0;
  /// Hands out every enrolment token that is not spent, expired ones too.
  [[nodiscard]] virtual Status load_tokens(const std::function<void(EnrolmentToken&&)>& take) = 0;
  /// Hands out what is known of cards that were seen or ordered something.
  [[nodiscard]] virtual Status load_cards(const std::function<void(Card&&)>& take) = 0;
  /// All of `changes` in one durable transaction, in order, or none of them.
  [[nodiscard]] virtual Status apply(std::span<const Change> changes) = 0;

 protected:
  Store() = default;
};

}  // namespace countersign::store
