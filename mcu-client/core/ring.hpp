#pragma once

#include <cstddef>
#include <cstdint>

#include "flash/flash.hpp"
#include "flash/layout.hpp"

namespace countersign::mcu {

inline constexpr std::size_t kMaxReadingBytes = 200;

/// A reading that waits in the ring.
struct Waiting {
  std::uint32_t at = 0;  ///< where it is: the cursor
  std::uint32_t number = 0;
  std::uint8_t size = 0;
};

/// Readings that wait for a link, in a circle of flash pages, oldest first. What append() has
/// acknowledged stays until mark() says that T has it; nothing that waits is ever overwritten.
/// How the pages look and why they survive: ring.cpp, docs/mcu.md. Not thread-safe.
class Ring {
 public:
  /// Borrows `flash`. `region` has 2 to 16,384 pages.
  Ring(Flash& flash, const Region& region) : flash_{&flash}, region_{region} {}

  /// Must come first, once after each start. \returns false if the flash fails.
  [[nodiscard]] bool open();

  /// Durable when it returns true. `number` must be greater than all before it, and the payload at
  /// most kMaxReadingBytes. \returns false also if the ring is full (which is counted), and after
  /// a failure of the flash until the next open().
  [[nodiscard, gnu::noinline]] bool append(std::uint32_t number, ByteView payload);

  /// The oldest that waits. \returns false if none does.
  [[nodiscard]] bool first(Waiting& out);

  /// The one that waits behind `after`, which may be marked by now. `out` may be `after`.
  /// \returns false if there is none.
  [[nodiscard]] bool next(const Waiting& after, Waiting& out) const;

  /// Copies the payload, `waiting.size` bytes. \returns false if `out` is smaller, or if this
  /// reading is not there any more.
  [[nodiscard, gnu::noinline]] bool read(const Waiting& waiting, MutableBytes out) const;

  /// T has it: it comes no more. Cheap for a reading that first() or next() gave.
  /// \returns false if it is not there any more, or if the flash fails.
  [[nodiscard]] bool mark(const Waiting& waiting);

  /// The same by number. Looks from the oldest on. \returns false also if none of it waits.
  [[nodiscard]] bool mark(std::uint32_t number);

  /// The greatest number that was ever appended, 0 if none was. Known also when nothing waits.
  [[nodiscard]] std::uint32_t greatest() const { return greatest_; }

  /// False after a failure of the flash: nothing is kept any more.
  [[nodiscard]] bool usable() const { return usable_; }

  /// How many readings found the ring full since the start.
  [[nodiscard]] std::uint32_t refused() const { return refused_; }

 private:
  struct Entry;
  struct Head;

  [[nodiscard]] std::uint32_t address(std::uint32_t page, std::uint32_t offset) const {
    return region_.address() + page * kPageBytes + offset;
  }
  [[nodiscard]] std::uint32_t behind(std::uint32_t page) const {
    return page + 1 == region_.pages ? 0 : page + 1;
  }
  [[nodiscard]] bool read_head(std::uint32_t page, Head& out) const;
  [[nodiscard]] bool holds_waiting(const Head& head) const;
  [[nodiscard]] bool load(std::uint32_t at, std::uint32_t base, Entry& out) const;
  [[nodiscard]] bool load(const Waiting& waiting, Entry& out) const;
  [[nodiscard]] bool try_open();
  [[nodiscard]] bool find_newest(const Head& before, Head& out) const;
  [[nodiscard]] bool survey(const Head& head, bool& holds);
  [[nodiscard]] bool make_firm(std::uint32_t last);
  [[nodiscard]] bool walk(std::uint32_t from, Waiting& out, bool& found) const;
  [[nodiscard]] bool walk_page(const Head& head, std::uint32_t from, Waiting& out,
                               bool& found) const;
  [[nodiscard]] bool firm_mark(std::uint32_t at, const Entry& entry) const;
  [[nodiscard]] bool end_wait(std::uint32_t at, const Entry& entry) const;
  [[nodiscard]] bool advance(Waiting& oldest, bool& found);
  [[nodiscard]] bool leave(std::uint32_t page);
  [[nodiscard]] bool turn_page(std::uint32_t number);
  [[nodiscard]] bool write(std::uint32_t number, ByteView payload);

  Flash* flash_;
  Region region_;
  std::uint32_t newest_ = 0;  ///< page of the region
  std::uint32_t tail_ = 0;    ///< where in it the next entry goes
  std::uint32_t oldest_ = 0;  ///< nothing before this place of the region waits
  std::uint32_t base_ = 0;    ///< the numbers of the newest page are counted from it
  std::uint32_t greatest_ = 0;
  std::uint32_t refused_ = 0;
  std::uint16_t sequence_ = 0;  ///< of the newest page
  bool usable_ = false;
  bool begun_ = false;  ///< there is a newest page
};

}  // namespace countersign::mcu
