#pragma once

#include <string>
#include <vector>

#include "countersign/client/outcome.hpp"
#include "flash/flash.hpp"
#include "flash/layout.hpp"

namespace countersign::mcu::tools {

/// What a device writes, copied from its flash: the code of the device opens it as it opens its
/// own, and what that changes is in the copy alone. Content of any kind will do; a program that
/// would set a bit leaves it as it is. Wiped when it ends.
class FlashCopy final : public Flash {
 public:
  static constexpr std::uint32_t kPages = kRingRegion.first + kRingRegion.pages;

  /// The first `kPages` pages of a file.
  [[nodiscard]] static client::Outcome<FlashCopy> of_file(const std::string& path);
  /// Of any bytes; what is missing is blank.
  explicit FlashCopy(ByteView bytes);
  FlashCopy(FlashCopy&&) = default;
  FlashCopy& operator=(FlashCopy&&) = delete;
  FlashCopy(const FlashCopy&) = delete;
  FlashCopy& operator=(const FlashCopy&) = delete;
  ~FlashCopy() { wipe(memory_); }

  [[nodiscard]] std::uint32_t pages() const override { return kPages; }
  [[nodiscard]] bool read(std::uint32_t at, MutableBytes out) const override;
  [[nodiscard]] bool program(std::uint32_t at, ByteView words) override;
  [[nodiscard]] bool erase(std::uint32_t page) override;

  /// True if every bit of a region is set.
  [[nodiscard]] bool blank(const Region& region) const;

 private:
  std::vector<std::byte> memory_;
};

}  // namespace countersign::mcu::tools
