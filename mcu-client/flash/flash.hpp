#pragma once

#include <cstddef>
#include <cstdint>

#include "countersign/bytes.hpp"

namespace countersign::mcu {

inline constexpr std::uint32_t kPageBytes = 4096;
inline constexpr std::uint32_t kWordBytes = 4;

/// NOR flash as its driver shows it. All access goes through it, nobody peeks at memory: bits of a
/// word that lost its power while it was written may read differently each time. Never allocates.
class Flash {
 public:
  /// How many pages of `kPageBytes` there are.
  [[nodiscard]] virtual std::uint32_t pages() const = 0;

  [[nodiscard]] virtual bool read(std::uint32_t at, MutableBytes out) const = 0;

  /// Programs whole words, one after the other: `at` and the size are multiples of `kWordBytes`,
  /// and bits go from 1 to 0 only. A cut leaves any of the bits of the word in flight programmed.
  [[nodiscard]] virtual bool program(std::uint32_t at, ByteView words) = 0;

  /// Sets every bit of a page. A cut leaves any of them set.
  [[nodiscard]] virtual bool erase(std::uint32_t page) = 0;

 protected:
  Flash() = default;
  Flash(const Flash&) = default;
  Flash& operator=(const Flash&) = default;
  ~Flash() = default;  // never owned through this type
};

}  // namespace countersign::mcu
