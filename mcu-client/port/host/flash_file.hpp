#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "port/host/nor_flash.hpp"

namespace countersign::mcu::host {

/// A file as flash, mapped into memory: what a device keeps is in the file at once, and survives
/// the end of the program in any way.
class FlashFile final : public NorFlash {
 public:
  /// Opens a file of whole pages. \returns nothing if there is none, or it is locked by another.
  [[nodiscard]] static std::optional<FlashFile> open(const std::string& path, bool writable = true);

  FlashFile(FlashFile&& other) noexcept;
  FlashFile& operator=(FlashFile&&) = delete;
  FlashFile(const FlashFile&) = delete;
  FlashFile& operator=(const FlashFile&) = delete;
  ~FlashFile();

 private:
  FlashFile(int descriptor, std::span<std::byte> memory);

  int descriptor_;
  std::span<std::byte> mapped_;
};

}  // namespace countersign::mcu::host
