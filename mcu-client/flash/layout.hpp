#pragma once

#include <cstdint>

#include "flash/flash.hpp"

namespace countersign::mcu {

/// Neighbouring pages of the flash with one purpose.
struct Region {
  std::uint32_t first;  ///< page
  std::uint32_t pages;

  [[nodiscard]] constexpr std::uint32_t address() const { return first * kPageBytes; }
  [[nodiscard]] constexpr std::uint32_t bytes() const { return pages * kPageBytes; }
};

// where everything is in the flash of the reference boards; the host tool writes the same
inline constexpr Region kProvisioningRegion{0, 1};
inline constexpr Region kVaultRegion{
    1, 2};  ///< keys, epoch, counters; secure where there is TrustZone
inline constexpr Region kDeviceRegion{3, 2};         ///< the device's own records
inline constexpr Region kRingRegion{16, 64};         ///< readings that wait for a link
inline constexpr Region kReadingsRegion{256, 3840};  ///< what the replayed sensor measures

inline constexpr std::uint32_t kFlashPages = 4096;  ///< 16 MiB
static_assert(kReadingsRegion.first + kReadingsRegion.pages == kFlashPages);

}  // namespace countersign::mcu
