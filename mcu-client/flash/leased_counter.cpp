#include "flash/leased_counter.hpp"

#include "flash/words.hpp"

namespace countersign::mcu {

bool LeasedCounter::open() {
  open_ = false;
  Word stored = 0;
  std::size_t got = 0;
  const Stored found =
      store_->get(terms_.record, 0, std::as_writable_bytes(std::span{&stored, 1}), got);
  if (found == Stored::absent) {
    next_ = terms_.first;
  } else if (found == Stored::done && got == kWordBytes) {
    next_ = stored;
  } else {
    return false;
  }
  bound_ = next_;
  open_ = true;
  return true;
}

bool LeasedCounter::take(std::uint32_t& out) {
  if (!open_ || next_ >= terms_.end) {
    return false;
  }
  if (next_ >= bound_) {
    const std::uint32_t left = terms_.end - next_;
    const std::uint32_t bound = next_ + (left < terms_.block ? left : terms_.block);
    // the lease first: a value that is not behind a durable bound might come again
    if (store_->put(terms_.record, std::as_bytes(std::span{&bound, 1})) != Stored::done) {
      return false;
    }
    bound_ = bound;
  }
  out = next_++;
  return true;
}

void LeasedCounter::skip_to(std::uint32_t value) { next_ = value > next_ ? value : next_; }

}  // namespace countersign::mcu
