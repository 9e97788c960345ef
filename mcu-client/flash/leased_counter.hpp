#pragma once

#include <cstdint>

#include "flash/record_store.hpp"

namespace countersign::mcu {

/// A number that is never given twice, whenever the power goes. It is leased in blocks: the record
/// names the end of the block before its first value is given, and a start goes on from there.
///
/// Wear: a lease is 12 bytes of a page of 3,580, so two pages that bear E erasures each last about
/// E × 2 × 298 × block values: 381 million for E = 10,000 and blocks of 64 (docs/mcu.md).
class LeasedCounter {
 public:
  struct Terms {
    std::uint16_t record = 0;
    std::uint32_t first = 0;  ///< the first value ever
    std::uint32_t end = 0;    ///< no value reaches it
    std::uint32_t block = 1;
  };

  /// Borrows `store`, which must be open when open() is called.
  LeasedCounter(RecordStore& store, const Terms& terms) : store_{&store}, terms_{terms} {}

  /// \returns false if the store fails; no value is then given.
  [[nodiscard]] bool open();

  /// \returns false at the end, and if the store fails; `out` is then untouched.
  [[nodiscard]] bool take(std::uint32_t& out);

  /// The next value will be `value` or greater. A value that was given already changes nothing.
  void skip_to(std::uint32_t value);

  /// What take() gives next, if it gives.
  [[nodiscard]] std::uint32_t next() const { return next_; }

 private:
  RecordStore* store_;
  Terms terms_;
  std::uint32_t next_ = 0;
  std::uint32_t bound_ = 0;
  bool open_ = false;
};

}  // namespace countersign::mcu
