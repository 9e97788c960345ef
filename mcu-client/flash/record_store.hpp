#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "flash/flash.hpp"

namespace countersign::mcu {

inline constexpr std::size_t kMaxRecordBytes = 200;
inline constexpr std::size_t kMaxRecords = 32;
inline constexpr std::uint16_t kMaxRecordId = 0xDFFF;

// flags of a record
inline constexpr std::uint8_t kSecretRecord = 0x01;  ///< zeroed once it is replaced or removed
inline constexpr std::uint8_t kOwnerFlags = 0x1C;    ///< for the owner's use

enum class Stored : std::uint8_t {
  done = 0,
  absent,   ///< there is no such record
  refused,  ///< no such id, flags or offset, or too many bytes
  full,     ///< no room: nothing has changed
  failed,   ///< the flash failed: nothing works until the next open()
};

class Frame;

struct RecordInfo {
  std::uint16_t id = 0;
  std::uint8_t size = 0;
  std::uint8_t flags = 0;
};

/// Small records by number in two pages of flash, written one behind the other. When put() returns
/// `done` the record stays after any cut. Of a put() that was cut the next open() finds the old
/// record or the new one, and every later one finds the same. How: record_store.cpp, docs/mcu.md.
/// Not thread-safe.
class RecordStore {
 public:
  /// Borrows `flash`. The pages are `first_page` and the one behind it.
  RecordStore(Flash& flash, std::uint32_t first_page) : flash_{&flash}, first_page_{first_page} {}

  /// Must come first, once after each start. Blank pages become an empty store; pages that are
  /// neither blank nor a store are refused, for the counters that they held are lost.
  [[nodiscard, gnu::noinline]] bool open();

  /// `id` is 1 to kMaxRecordId, `bytes` at most kMaxRecordBytes.
  [[nodiscard]] Stored put(std::uint16_t id, ByteView bytes, std::uint8_t flags = 0);

  /// Reads from `offset` on, as much as there is and as `out` takes. `offset` may be the size.
  [[nodiscard]] Stored get(std::uint16_t id, std::size_t offset, MutableBytes out,
                           std::size_t& got) const;

  [[nodiscard]] Stored look(std::uint16_t id, RecordInfo& out) const;

  [[nodiscard]] Stored remove(std::uint16_t id);

  /// How many records there are, and the one at `index` of them, in no order.
  [[nodiscard]] std::size_t records() const { return log_.count; }
  [[nodiscard]] RecordInfo info(std::size_t index) const { return log_.slots[index].info; }

  /// Of the page that counts: one more with each erasure, two with each start.
  [[nodiscard]] std::uint16_t generation() const { return log_.generation; }
  /// How many bytes new records can take, their frames (flash/frame.hpp) included.
  [[nodiscard]] std::size_t free_bytes() const;

 private:
  /// Where a record is.
  struct Slot {
    RecordInfo info;
    std::uint16_t at = 0;  ///< offset in the page
  };
  /// What a page holds.
  struct Log {
    std::array<Slot, kMaxRecords> slots{};
    std::uint8_t count = 0;
    bool valid = false;
    bool dirty = false;            ///< remains of a write that was cut, or of a secret
    std::uint16_t generation = 0;  ///< the page with the later one counts
    std::uint16_t live = 0;        ///< bytes of the records that count
    std::uint16_t last = 0;        ///< the record written last, 0 if there is none
    std::uint16_t tail = 0;        ///< everything from here on reads blank
    std::uint16_t torn = 0;        ///< where the remains at the tail begin, 0 if there are none
  };

  [[nodiscard]] std::uint32_t address(std::uint32_t page, std::uint32_t at) const {
    return (first_page_ + page) * kPageBytes + at;
  }
  [[nodiscard]] static std::size_t find(const Log& log, std::uint16_t id);
  [[nodiscard]] static bool note(Log& log, std::uint16_t at, const Frame& record);
  [[nodiscard]] bool survey(std::uint32_t page, Log& out) const;
  [[nodiscard]] bool try_open();
  // not inlined: the logs of two pages, or the copy of a frame, stand on the stack of nobody else
  [[nodiscard, gnu::noinline]] bool choose_page(std::uint16_t& other_tail);
  [[nodiscard]] bool begin();
  [[nodiscard]] bool settle(bool other_blank);
  [[nodiscard, gnu::noinline]] bool firm_last();
  [[nodiscard, gnu::noinline]] bool rise();
  [[nodiscard]] bool number_page(std::uint32_t page, std::uint32_t at, Frame& frame);
  [[nodiscard, gnu::noinline]] bool compact();
  [[nodiscard]] bool write(Frame& record);
  [[nodiscard]] bool zero(const Slot& slot);
  [[nodiscard]] Stored commit(Frame& record);

  Flash* flash_;
  std::uint32_t first_page_;
  Log log_{};
  std::uint8_t page_ = 0;  ///< which of the two counts
  bool usable_ = false;
  bool other_erased_ = false;  ///< since the start, and wholly
};

}  // namespace countersign::mcu
