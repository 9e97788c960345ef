#pragma once

#include "flash/leased_counter.hpp"
#include "vault/seams.hpp"
#include "vault/vault_records.hpp"

namespace countersign::mcu {

inline constexpr std::uint32_t kEpochBlock = 4;     ///< a cut costs up to so many epochs
inline constexpr std::uint32_t kMessageBlock = 64;  ///< and so many numbers of messages

/// The vault's numbers, leased from flash in blocks.
class FlashNumbers final : public Numbers {
 public:
  /// Borrows `records`, which must be open when open() is called.
  explicit FlashNumbers(RecordStore& records);

  /// Counts this start. \returns false if the flash fails, or at the last number of a start.
  [[nodiscard]] bool open();

  [[nodiscard]] Result<std::uint32_t> next_epoch() override;
  [[nodiscard]] Result<std::uint32_t> next_message(std::uint32_t least) override;
  [[nodiscard]] std::uint32_t upcoming() const override { return messages_.next(); }
  [[nodiscard]] std::uint16_t last_kid() const override { return last_kid_; }
  [[nodiscard]] bool note_kid(std::uint16_t kid) override;

  /// Which start this is: 1 is the first, and none comes twice.
  [[nodiscard]] std::uint32_t boot() const { return boot_; }

 private:
  [[nodiscard]] bool load_kid();

  RecordStore& records_;
  LeasedCounter epochs_;
  LeasedCounter messages_;
  LeasedCounter boots_;
  std::uint32_t boot_ = 0;
  std::uint16_t last_kid_ = 0;
};

}  // namespace countersign::mcu
