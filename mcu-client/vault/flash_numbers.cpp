#include "vault/flash_numbers.hpp"

namespace countersign::mcu {
namespace {

constexpr std::uint32_t kEnd = 1U << 28;  // of epochs and of sequence numbers
constexpr std::uint32_t kLastBoot = 0xFFFFFFFF;
constexpr std::uint16_t kKidRecord = id_of(VaultRecord::last_kid);

Result<std::uint32_t> take(LeasedCounter& counter) {
  std::uint32_t number = 0;
  if (counter.take(number)) {
    return number;
  }
  return counter.next() >= kEnd ? Refusal::expired : Refusal::internal;
}

}  // namespace

FlashNumbers::FlashNumbers(RecordStore& records)
    : records_{records},
      epochs_{records,
              {.record = id_of(VaultRecord::epoch), .first = 1, .end = kEnd, .block = kEpochBlock}},
      messages_{
          records,
          {.record = id_of(VaultRecord::message), .first = 1, .end = kEnd, .block = kMessageBlock}},
      boots_{records,
             {.record = id_of(VaultRecord::boot), .first = 1, .end = kLastBoot, .block = 1}} {}

bool FlashNumbers::open() {
  return epochs_.open() && messages_.open() && boots_.open() && load_kid() && boots_.take(boot_);
}

Result<std::uint32_t> FlashNumbers::next_epoch() { return take(epochs_); }

Result<std::uint32_t> FlashNumbers::next_message(std::uint32_t least) {
  messages_.skip_to(least);
  return take(messages_);
}

bool FlashNumbers::note_kid(std::uint16_t kid) {
  if (records_.put(kKidRecord, be16(kid)) != Stored::done) {
    return false;
  }
  last_kid_ = kid;
  return true;
}

bool FlashNumbers::load_kid() {
  Bytes<2> record{};
  std::size_t got = 0;
  const Stored found = records_.get(kKidRecord, 0, record, got);
  if (found == Stored::absent) {
    return true;
  }
  last_kid_ = Reader{record}.be<std::uint16_t>();
  return found == Stored::done && got == record.size();
}

}  // namespace countersign::mcu
