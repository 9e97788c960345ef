#include "engine/addresses.hpp"

#include <algorithm>

namespace countersign::engine {
namespace {

constexpr Millis kFirstBackoff = 100;
constexpr unsigned kFree = 8;  // mistakes that cost nothing
constexpr std::size_t kMaxOffenders = 65'536;

}  // namespace

void Addresses::offend(std::string_view address, Millis now) {
  if (by_address_.size() >= kMaxOffenders) {
    forget(now);
  }
  if (by_address_.size() >= kMaxOffenders) {
    return;
  }
  Offender& offender = by_address_[std::string{address}];
  ++offender.count;
  if (offender.count <= kFree) {
    offender.until = now;
    return;
  }
  const unsigned doublings = std::min(offender.count - kFree - 1, 20U);
  offender.until = now + std::min(kFirstBackoff << doublings, max_backoff_);
}

bool Addresses::waits(std::string_view address, Millis now) const {
  const auto found = by_address_.find(std::string{address});
  return found != by_address_.end() && found->second.until > now;
}

void Addresses::forget(Millis now) {
  std::erase_if(by_address_,
                [&](const auto& entry) { return now - entry.second.until > max_backoff_; });
}

}  // namespace countersign::engine
