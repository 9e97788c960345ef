// A page is a log of frames (frame.hpp), and of words that are 0 or remains of something that was
// cut. A frame is a record, its id the name, or the generation of the page, its number the name. A
// generation comes first in the page, as the last that is written when a page takes over from the
// other, and again at each open(). Page 0 has the even numbers.
//
// The word that was in flight when the power went may read differently each time. So open() makes
// firm what it found before anyone sees it: it programs the last record once more (bits that read 0
// by luck become 0), or leaves its remains behind and moves to the other page. For that the page
// must count whatever the other one holds, whose generation may be in flight too: it raises its own
// by 2, beyond all that was ever tried there.

#include "flash/record_store.hpp"

#include "flash/frame.hpp"

namespace countersign::mcu {
namespace {

constexpr std::uint8_t kRemoved = 0x02;  // the record's id has none from here on
constexpr std::uint8_t kAllFlags = kSecretRecord | kRemoved | kOwnerFlags;
constexpr std::uint8_t kGeneration = 0x20;  // no record, but the generation of the page
// what follows is for open() alone: remains of one record, and the generations of 25 starts in a
// row that are cut before they are done
constexpr std::uint32_t kRecordsEnd = kPageBytes - 512;
// a removal always finds room
constexpr std::uint32_t kCapacity = kRecordsEnd - 2 * kFrameExtra;
constexpr std::size_t kTries = 32;  // each is needed only if a bit flickers between two reads

RecordInfo info_of(const Frame& frame) { return {frame.name(), frame.size(), frame.marks()}; }

/// True if `frame` is a record, and not just something whose CRC is right.
bool is_record(const Frame& frame) {
  return frame.valid() && frame.name() != 0 && frame.name() <= kMaxRecordId &&
         (frame.marks() & ~kAllFlags) == 0;
}

bool is_generation(const Frame& frame, std::uint32_t page) {
  return frame.valid() && frame.marks() == kGeneration && frame.size() == 0 &&
         frame.name() % 2 == page;
}

}  // namespace

/// \returns the slot of `id`, or the one behind the last.
std::size_t RecordStore::find(const Log& log, std::uint16_t id) {
  std::size_t i = 0;
  while (i < log.count && log.slots[i].info.id != id) {
    ++i;
  }
  return i;
}

/// Takes a record into the index. \returns false if there are too many.
bool RecordStore::note(Log& log, std::uint16_t at, const Frame& record) {
  const std::size_t i = find(log, record.name());
  const bool replaces = i < log.count;
  log.last = at;
  if (replaces) {
    log.live = static_cast<std::uint16_t>(log.live - Frame::total_of(log.slots[i].info.size));
    log.dirty = log.dirty || (log.slots[i].info.flags & kSecretRecord) != 0;
  }
  if ((record.marks() & kRemoved) != 0) {
    if (replaces) {
      log.slots[i] = log.slots[--log.count];
    }
    return true;
  }
  if (i == kMaxRecords) {
    return false;
  }
  log.count = static_cast<std::uint8_t>(log.count + (replaces ? 0 : 1));
  log.slots[i] = {info_of(record), at};
  log.live = static_cast<std::uint16_t>(log.live + record.total());
  return true;
}

/// \returns false if the flash fails, or holds more than we ever write.
bool RecordStore::survey(std::uint32_t page, Log& out) const {
  Frame record;
  for (std::uint32_t at = 0, step = 0; at < kPageBytes; at += step) {
    step = kWordBytes;
    if (!record.load(*flash_, address(page, at), 0)) {
      return false;
    }
    if (record.head() == kBlankWord) {
      continue;
    }
    out.tail = static_cast<std::uint16_t>(at + step);
    if (record.head() == 0) {
      continue;
    }
    if (is_generation(record, page) && (!out.valid || later(record.name(), out.generation))) {
      out.generation = record.name();
      out.valid = true;
      out.torn = 0;
      step = kFrameExtra;
      out.tail = static_cast<std::uint16_t>(at + step);
      continue;
    }
    if (!is_record(record)) {
      out.dirty = true;
      out.torn = out.torn != 0 ? out.torn : static_cast<std::uint16_t>(at);
      continue;
    }
    if (!note(out, static_cast<std::uint16_t>(at), record)) {
      return false;
    }
    step = record.total();
    out.tail = static_cast<std::uint16_t>(at + step);
    out.torn = 0;
  }
  return true;
}

bool RecordStore::open() {
  usable_ = false;
  for (std::size_t i = 0; i < kTries && !usable_; ++i) {
    usable_ = try_open();
  }
  return usable_;
}

bool RecordStore::try_open() {
  other_erased_ = false;
  std::uint16_t other_tail = 0;
  if (!choose_page(other_tail)) {
    return false;
  }
  if (!log_.valid) {
    // the very first start may have been cut in its only frame
    return log_.tail <= kFrameExtra && other_tail == 0 && begin();
  }
  return settle(other_tail == 0);
}

/// Surveys both pages and keeps what is said of the one that counts: the first, if neither does.
bool RecordStore::choose_page(std::uint16_t& other_tail) {
  Log other;
  log_ = {};
  page_ = 0;
  if (!survey(0, log_) || !survey(1, other)) {
    return false;
  }
  other_tail = other.tail;
  if (other.valid && (!log_.valid || later(other.generation, log_.generation))) {
    other_tail = log_.tail;
    log_ = other;
    page_ = 1;
  }
  return true;
}

bool RecordStore::begin() {
  log_ = {};
  log_.valid = true;
  log_.tail = kFrameExtra;
  Frame frame;
  return number_page(0, 0, frame);
}

/// Makes firm what was found.
bool RecordStore::settle(bool other_blank) {
  if (!firm_last() || !rise()) {
    return false;
  }
  if (log_.dirty || log_.tail > kRecordsEnd) {
    return compact();
  }
  // there may be keys in it
  return other_blank || flash_->erase(first_page_ + (page_ ^ 1U));
}

bool RecordStore::firm_last() {
  if (log_.last == 0) {
    return true;
  }
  Frame record;
  const std::uint32_t at = address(page_, log_.last);
  return record.load(*flash_, at, 0) && record.valid() && record.make_firm(*flash_, at);
}

/// Raises the generation of the page beyond any that the other can show.
bool RecordStore::rise() {
  // behind remains the word in flight may read blank still
  if (log_.torn != 0 && log_.tail < log_.torn + kMaxFrameBytes) {
    log_.tail = static_cast<std::uint16_t>(log_.torn + kMaxFrameBytes);
  }
  const std::uint32_t at = log_.tail;
  if (at + kWordBytes + kFrameExtra > kPageBytes) {
    return true;  // open() was cut so often that the other page must do without
  }
  log_.tail = static_cast<std::uint16_t>(at + kWordBytes + kFrameExtra);
  log_.generation = static_cast<std::uint16_t>(log_.generation + 2);
  Frame frame;
  // the first word may be one that was in flight, and is blank by luck: it ends as 0
  return program_word(*flash_, address(page_, at), 0) && number_page(page_, at + kWordBytes, frame);
}

/// Writes the generation to `at`. `frame` is room to do it in.
bool RecordStore::number_page(std::uint32_t page, std::uint32_t at, Frame& frame) {
  frame.set(log_.generation, kGeneration, {});
  return frame.write(*flash_, address(page, at), 0);
}

/// Moves to the other page what counts, and erases this one. After a failure nothing is known.
bool RecordStore::compact() {
  const std::uint8_t other = page_ ^ 1U;
  // a page that is half erased must not look as if it counted again: its generation goes first
  if (!other_erased_ &&
      (!program_word(*flash_, address(other, 0), 0) || !flash_->erase(first_page_ + other))) {
    return false;
  }
  other_erased_ = false;
  log_.last = 0;
  std::uint32_t at = kFrameExtra;
  Frame record;
  for (Slot& slot : std::span{log_.slots}.first(log_.count)) {
    if (!record.load(*flash_, address(page_, slot.at), 0) || !record.valid() ||
        !record.write(*flash_, address(other, at), 0)) {
      return false;
    }
    slot.at = static_cast<std::uint16_t>(at);
    log_.last = slot.at;
    at += record.total();
  }
  log_.tail = static_cast<std::uint16_t>(at);
  log_.torn = 0;
  log_.dirty = false;
  ++log_.generation;
  // from here on the other page counts
  if (!number_page(other, 0, record)) {
    return false;
  }
  const std::uint32_t old = first_page_ + page_;
  page_ = other;
  other_erased_ = flash_->erase(old);
  return other_erased_;
}

/// Writes `record` behind the last one, and reads it back.
bool RecordStore::write(Frame& record) {
  const std::uint16_t at = log_.tail;
  log_.tail = static_cast<std::uint16_t>(at + record.total());
  return record.write(*flash_, address(page_, at), 0) && note(log_, at, record);
}

bool RecordStore::zero(const Slot& slot) {
  const std::uint32_t size = Frame::total_of(slot.info.size);
  for (std::uint32_t at = 0; at < size; at += kWordBytes) {
    if (!program_word(*flash_, address(page_, slot.at + at), 0)) {
      return false;
    }
  }
  return true;
}

Stored RecordStore::commit(Frame& record) {
  if (log_.tail + record.total() > kRecordsEnd) {
    usable_ = compact();
  }
  const std::size_t i = find(log_, record.name());
  const Slot old = i < log_.count ? log_.slots[i] : Slot{};
  usable_ = usable_ && write(record);
  if (usable_ && (old.info.flags & kSecretRecord) != 0) {
    usable_ = zero(old);
  }
  return usable_ ? Stored::done : Stored::failed;
}

Stored RecordStore::put(std::uint16_t id, ByteView bytes, std::uint8_t flags) {
  if (!usable_) {
    return Stored::failed;
  }
  if (id == 0 || id > kMaxRecordId || bytes.size() > kMaxRecordBytes ||
      (flags & ~(kSecretRecord | kOwnerFlags)) != 0) {
    return Stored::refused;
  }
  Frame record;
  record.set(id, flags, bytes);
  if (log_.live + record.total() > kCapacity || find(log_, id) == kMaxRecords) {
    return Stored::full;
  }
  return commit(record);
}

Stored RecordStore::remove(std::uint16_t id) {
  if (!usable_) {
    return Stored::failed;
  }
  if (find(log_, id) == log_.count) {
    return Stored::absent;
  }
  Frame record;
  record.set(id, kRemoved, {});
  return commit(record);
}

std::size_t RecordStore::free_bytes() const {
  return log_.live < kCapacity ? kCapacity - log_.live : 0;
}

Stored RecordStore::look(std::uint16_t id, RecordInfo& out) const {
  if (!usable_) {
    return Stored::failed;
  }
  const std::size_t i = find(log_, id);
  if (i == log_.count) {
    return Stored::absent;
  }
  out = log_.slots[i].info;
  return Stored::done;
}

Stored RecordStore::get(std::uint16_t id, std::size_t offset, MutableBytes out,
                        std::size_t& got) const {
  RecordInfo info;
  if (const Stored found = look(id, info); found != Stored::done) {
    return found;
  }
  if (offset > info.size) {
    return Stored::refused;
  }
  Frame record;
  if (!record.load(*flash_, address(page_, log_.slots[find(log_, id)].at), 0) || !record.valid()) {
    return Stored::failed;
  }
  const ByteView rest = record.data().subspan(offset);
  copy(rest, out);
  got = rest.size() < out.size() ? rest.size() : out.size();
  return Stored::done;
}

}  // namespace countersign::mcu
