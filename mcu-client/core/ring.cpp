// A page is a head, then entries, then blank words:
//
//   head   u32 sequence · u32 base · u32 CRC · u32 blank, 0 once all are marked
//   entry  u16 number − base · u8 size · u8 mark: 0xFF it waits, else T has it
//          payload, filled up to words · u32 CRC, as if it waited
//
// A CRC begins with the address, so that bytes of a payload are never taken for an entry. A page
// follows the page before it by its place and by its sequence; the head's first word is programmed
// last. A page is taken again when nothing in it waits: its first word becomes 0, then it is
// erased.
//
// The word that was in flight when the power went may read differently each time. A page counts
// only with an entry in it, which was written when its head was firm; the last entry is programmed
// once more by open(), before anyone sees it; remains behind it end as 0, and the next entry stays
// clear of them.

#include "core/ring.hpp"

#include "flash/frame.hpp"

namespace countersign::mcu {
namespace {

constexpr std::uint32_t kHeadBytes = 16;
constexpr std::uint32_t kDoneAt = 12;
constexpr Word kMarkBits = 0xFF000000;
constexpr std::uint8_t kWaits = 0xFF;
constexpr std::uint32_t kMaxDelta = 0xFFFF;
constexpr std::size_t kTries = 32;  // each is needed only if a bit flickers between two reads
constexpr std::size_t kLooks = 24;

constexpr std::uint32_t page_of(std::uint32_t at) { return at / kPageBytes; }

}  // namespace

struct Ring::Head {
  std::uint32_t page = 0;
  std::uint32_t base = 0;
  std::uint16_t sequence = 0;
  bool valid = false;
  bool done = false;
};

struct Ring::Entry {
  Frame frame;
  std::uint32_t number = 0;
  bool marked = false;
  bool valid = false;
};

/// \returns false if the flash fails.
bool Ring::read_head(std::uint32_t page, Head& out) const {
  std::array<Word, kHeadBytes / kWordBytes> words{};
  const std::uint32_t at = address(page, 0);
  if (!read_words(*flash_, at, words)) {
    return false;
  }
  out.page = page;
  out.sequence = static_cast<std::uint16_t>(words[0] & 0xFFFFU);
  out.base = words[1];
  out.done = words[3] != kBlankWord;
  out.valid = words[2] == crc32(at, std::span{words}.first(2));
  return true;
}

/// True if the page is one of those that lead to the newest, and not all of it is marked.
bool Ring::holds_waiting(const Head& head) const {
  const std::uint32_t back =
      head.page <= newest_ ? newest_ - head.page : newest_ + region_.pages - head.page;
  return head.valid && !head.done && head.sequence == static_cast<std::uint16_t>(sequence_ - back);
}

/// Reads what may be an entry. \returns false if the flash fails.
bool Ring::load(std::uint32_t at, std::uint32_t base, Entry& out) const {
  const bool read = out.frame.load(*flash_, region_.address() + at, kMarkBits);
  out.valid = read && out.frame.valid();
  out.number = base + out.frame.name();
  out.marked = out.frame.marks() != kWaits;
  return read;
}

/// \returns false if the flash fails, or if another entry or none is there.
bool Ring::load(const Waiting& waiting, Entry& out) const {
  Head head;
  return usable_ && waiting.at < region_.bytes() && read_head(page_of(waiting.at), head) &&
         head.valid && load(waiting.at, head.base, out) && out.valid &&
         out.number == waiting.number && out.frame.size() == waiting.size;
}

bool Ring::open() {
  usable_ = false;
  for (std::size_t i = 0; i < kTries && !usable_; ++i) {
    usable_ = try_open();
  }
  return usable_;
}

bool Ring::try_open() {
  begun_ = false;
  oldest_ = 0;
  greatest_ = 0;
  Head head;
  for (std::uint32_t looked = 0; looked <= region_.pages; ++looked) {
    const Head before = head;
    bool holds = false;
    if (!find_newest(before, head) || (head.valid && !survey(head, holds))) {
      return false;
    }
    if (!head.valid) {
      return true;  // nothing was ever appended
    }
    if (holds) {
      begun_ = true;
      oldest_ = behind(newest_) * kPageBytes;
      return true;
    }
  }
  return false;  // sequences that go round, each later than the one before: we never wrote these
}

/// The page with the latest sequence, of those earlier than `before` if that is valid.
/// \returns false if the flash fails.
bool Ring::find_newest(const Head& before, Head& out) const {
  out = {};
  for (std::uint32_t page = 0; page < region_.pages; ++page) {
    Head head;
    if (!read_head(page, head)) {
      return false;
    }
    if (head.valid && (!before.valid || later(before.sequence, head.sequence)) &&
        (!out.valid || later(head.sequence, out.sequence))) {
      out = head;
    }
  }
  return true;
}

/// Looks through what may be the newest page, and ends remains in it. `holds`: there is an entry.
/// \returns false if the flash fails.
bool Ring::survey(const Head& head, bool& holds) {
  std::uint32_t last = 0;
  bool torn = false;
  Entry entry;
  newest_ = head.page;
  base_ = head.base;
  sequence_ = head.sequence;
  tail_ = kHeadBytes;
  for (std::uint32_t offset = kHeadBytes, step = 0; offset < kPageBytes; offset += step) {
    const std::uint32_t at = newest_ * kPageBytes + offset;
    step = kWordBytes;
    if (!load(at, base_, entry)) {
      return false;
    }
    if (entry.frame.head() == kBlankWord) {
      continue;
    }
    torn = !entry.valid;
    if (entry.valid) {
      step = entry.frame.total();
      last = at;
      greatest_ = entry.number;
    } else if (entry.frame.head() != 0 && !program_word(*flash_, region_.address() + at, 0)) {
      return false;
    }
    tail_ = offset + step;
  }
  // the first blank word may be so by luck; behind remains any word of that entry may
  tail_ += torn ? kMaxFrameBytes : kWordBytes;
  holds = last != 0;
  return !holds || make_firm(last);
}

/// Programs the last entry once more. One that is not the same every time even then was about to be
/// ended by a start that was cut: it was never acknowledged, and ends now.
/// \returns false if the last must be looked for again, or if the flash fails.
bool Ring::make_firm(std::uint32_t last) {
  const std::uint32_t at = region_.address() + last;
  Entry entry;
  for (std::size_t i = 0; i < kLooks; ++i) {
    if (!load(last, base_, entry)) {
      return false;
    }
    if (!entry.valid) {
      static_cast<void>(program_word(*flash_, at, 0));
      return false;
    }
    if (i == 0 && !entry.frame.make_firm(*flash_, at)) {
      return false;
    }
  }
  return true;
}

/// Finds the first that waits at `from` or behind it. \returns false if the flash fails.
bool Ring::walk(std::uint32_t from, Waiting& out, bool& found) const {
  found = false;
  for (std::uint32_t page = page_of(from), offset = from % kPageBytes;; offset = 0) {
    Head head;
    if (!read_head(page, head) || (holds_waiting(head) && !walk_page(head, offset, out, found))) {
      return false;
    }
    if (found || page == newest_) {
      return true;
    }
    page = behind(page);
  }
}

bool Ring::walk_page(const Head& head, std::uint32_t from, Waiting& out, bool& found) const {
  Entry entry;
  for (std::uint32_t offset = from < kHeadBytes ? kHeadBytes : from, step = 0;
       offset < kPageBytes && !found; offset += step) {
    const std::uint32_t at = head.page * kPageBytes + offset;
    if (!load(at, head.base, entry) || !firm_mark(at, entry)) {
      return false;
    }
    step = entry.valid ? entry.frame.total() : kWordBytes;
    found = entry.valid && !entry.marked;
    out = found ? Waiting{at, entry.number, entry.frame.size()} : out;
  }
  return true;
}

/// A mark that was cut counts from the moment when it is first seen.
bool Ring::firm_mark(std::uint32_t at, const Entry& entry) const {
  return !entry.valid || !entry.marked || entry.frame.marks() == 0 || end_wait(at, entry);
}

bool Ring::end_wait(std::uint32_t at, const Entry& entry) const {
  return program_word(*flash_, region_.address() + at, entry.frame.head() & ~kMarkBits);
}

/// Moves to the oldest that waits, or to the end. \returns false if the flash fails.
bool Ring::advance(Waiting& oldest, bool& found) {
  if (!walk(oldest_, oldest, found)) {
    return false;
  }
  // an entry takes two words at least, so none begins in the page's last
  const std::uint32_t end = tail_ < kPageBytes ? tail_ : kPageBytes - kWordBytes;
  const std::uint32_t to = found ? oldest.at : newest_ * kPageBytes + end;
  for (std::uint32_t page = page_of(oldest_); page != page_of(to); page = behind(page)) {
    if (!leave(page)) {
      return false;
    }
  }
  oldest_ = to;
  return true;
}

/// Notes that nothing in a page waits, so that the next start need not look.
bool Ring::leave(std::uint32_t page) {
  Head head;
  return read_head(page, head) &&
         (!holds_waiting(head) || program_word(*flash_, address(page, kDoneAt), 0));
}

bool Ring::first(Waiting& out) {
  bool found = false;
  return usable_ && begun_ && advance(out, found) && found;
}

bool Ring::next(const Waiting& after, Waiting& out) const {
  if (!usable_ || !begun_) {
    return false;
  }
  const std::uint32_t number = after.number;
  Entry entry;
  // its page may have been taken again meanwhile
  std::uint32_t from = load(after, entry) ? after.at : oldest_;
  for (bool found = false; walk(from, out, found) && found; from = out.at + kWordBytes) {
    if (out.number > number) {
      return true;
    }
  }
  return false;
}

bool Ring::read(const Waiting& waiting, MutableBytes out) const {
  Entry entry;
  if (out.size() < waiting.size || !load(waiting, entry)) {
    return false;
  }
  copy(entry.frame.data(), out);
  return true;
}

bool Ring::mark(const Waiting& waiting) {
  // also if it reads marked: a mark that was cut may read so by luck
  Entry entry;
  if (!load(waiting, entry)) {
    return false;
  }
  usable_ = end_wait(waiting.at, entry);
  return usable_;
}

bool Ring::mark(std::uint32_t number) {
  Waiting waiting;
  bool found = first(waiting);
  while (found && waiting.number < number) {
    found = next(waiting, waiting);
  }
  return found && waiting.number == number && mark(waiting);
}

bool Ring::append(std::uint32_t number, ByteView payload) {
  if (!usable_ || payload.size() > kMaxReadingBytes || number <= greatest_) {
    return false;
  }
  const std::uint32_t total = Frame::total_of(static_cast<std::uint32_t>(payload.size()));
  const bool fits = begun_ && tail_ + total <= kPageBytes && number - base_ <= kMaxDelta;
  return (fits || turn_page(number)) && write(number, payload);
}

/// Takes the next page of the circle, if nothing in it waits.
bool Ring::turn_page(std::uint32_t number) {
  const std::uint32_t page = begun_ ? behind(newest_) : 0;
  Waiting oldest;
  bool found = false;
  if (begun_ && !advance(oldest, found)) {
    return false;
  }
  if (found && page_of(oldest.at) == page) {
    ++refused_;
    return false;
  }
  const std::uint16_t sequence = static_cast<std::uint16_t>(sequence_ + 1);
  const std::uint32_t at = address(page, 0);
  const std::array<Word, 2> begin{sequence, number - 1};
  const std::array<Word, 2> rest{begin[1], crc32(at, begin)};
  // a page that is half erased must not look as if it waited again: its head goes first
  usable_ = program_word(*flash_, at, 0) && flash_->erase(region_.first + page) &&
            program_words(*flash_, at + kWordBytes, rest) && program_word(*flash_, at, begin[0]);
  newest_ = page;
  sequence_ = sequence;
  base_ = number - 1;
  tail_ = kHeadBytes;
  begun_ = true;
  return usable_;
}

bool Ring::write(std::uint32_t number, ByteView payload) {
  const std::uint32_t at = region_.address() + newest_ * kPageBytes + tail_;
  Frame frame;
  frame.set(static_cast<std::uint16_t>(number - base_), kWaits, payload);
  tail_ += frame.total();
  usable_ = frame.write(*flash_, at, kMarkBits);
  greatest_ = usable_ ? number : greatest_;
  return usable_;
}

}  // namespace countersign::mcu
