#pragma once

#include "flash/record_store.hpp"
#include "vault/drbg.hpp"

namespace countersign::mcu {

/// The seed of the next start in a record. Two starts never find the same one: `Drbg` has another
/// stored before it gives anything.
class SeedRecord final : public SeedKeeper {
 public:
  /// Borrows `records`.
  explicit SeedRecord(RecordStore& records) : records_{records} {}

  [[nodiscard]] bool keep(ByteView seed) override;

  /// Starts `drbg` with what is stored, the very first time with `first`; empty: there is none any
  /// more. \returns false if there is no seed, or no other could be stored.
  [[nodiscard, gnu::noinline]] bool start(Drbg& drbg, ByteView first, ByteView board);

 private:
  RecordStore& records_;
};

}  // namespace countersign::mcu
