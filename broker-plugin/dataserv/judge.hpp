#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "dataserv/reading.hpp"
#include "dataserv/value.hpp"

namespace countersign::dataserv {

/// One reading as evaluators hear it. Borrows.
struct Heard {
  std::string_view identity;
  Values values;
  Millis now = 0;
  Footprint* footprint = nullptr;  ///< null: nobody asks

  /// What a judge keeps of the device, and will look at again.
  template <class T>
  void note(const T& kept) {
    if (footprint != nullptr) {
      footprint->note(kept);
    }
  }
};

/// One evaluator of one rule. One that learns is asked only about what is authenticated. Allocates
/// only when it meets a device for the first time.
class Judge {
 public:
  virtual ~Judge() = default;
  Judge(const Judge&) = delete;
  Judge& operator=(const Judge&) = delete;

  /// Whether it looks at `identity` at all: always the same.
  [[nodiscard]] virtual bool concerns(std::string_view /*identity*/) const { return true; }
  /// `place` is its own note of where it found the identity last, 0 before the first time.
  [[nodiscard]] virtual Opinion judge(Heard& heard, std::size_t& place) = 0;

  [[nodiscard]] virtual bool learns() const { return true; }

  /// Its name in rule and audit: range, group, correlated, rate.
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// Tells what it learned from what another evaluator of the same rule did.
  [[nodiscard]] virtual std::string key() const { return std::string{name()}; }

  /// What it learned, to be restored by an evaluator with the same key; empty if it learns nothing.
  [[nodiscard]] virtual std::vector<std::byte> save() const { return {}; }
  /// Takes what `save` gave. \returns false for anything else; it then knows nothing.
  [[nodiscard]] virtual bool restore(ByteView /*image*/) { return true; }
  /// The identity was expelled: what it said last no longer speaks for it.
  virtual void mute(std::string_view /*identity*/) {}
  /// The identity is no more.
  virtual void forget(std::string_view /*identity*/) {}

 protected:
  Judge() = default;
};

}  // namespace countersign::dataserv
