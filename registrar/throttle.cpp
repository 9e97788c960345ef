#include "registrar/throttle.hpp"

#include <algorithm>

namespace countersign::registrar {
namespace {

constexpr std::int64_t kOne = 1'000;
constexpr Millis kFirstWait = 1'000;

}  // namespace

Bucket::Bucket(std::uint32_t per_second, std::uint32_t burst, Millis now)
    : per_second_{per_second}, capacity_{burst * kOne}, level_{capacity_}, at_{now} {}

std::int64_t Bucket::filled(Millis now) const {
  // as long as it takes to fill it, and no longer: the product stays small
  const Millis useful = capacity_ / per_second_ + 1;
  const Millis passed = std::clamp<Millis>(now - at_, 0, useful);
  return std::min(capacity_, level_ + passed * per_second_);
}

bool Bucket::take(Millis now) {
  level_ = filled(now);
  at_ = std::max(at_, now);
  if (level_ < kOne) {
    return false;
  }
  level_ -= kOne;
  return true;
}

Millis Bucket::wait(Millis now) const {
  const std::int64_t missing = kOne - filled(now);
  return missing <= 0 ? 0 : (missing + per_second_ - 1) / per_second_;
}

Throttle::Throttle(const LimitSettings& limits)
    : per_second_{limits.requests_per_second}, burst_{limits.burst}, guests_{limits.addresses} {}

Welcome Throttle::welcome(const std::string& origin, Millis now) {
  const Bucket full{per_second_, burst_, now};
  Guest& guest = guests_.at(origin, {full, full});
  if (guest.served.take(now)) {
    return {};
  }
  const bool answer = guest.refused.take(now);
  return {answer ? Welcome::Verdict::refuse : Welcome::Verdict::drop, guest.served.wait(now)};
}

Lockout::Lockout(const LimitSettings& limits)
    : free_{limits.failed_logins}, max_{limits.back_off_max}, failures_{limits.addresses} {}

Millis Lockout::wait(const std::string& origin, Millis now) {
  const Failures* const known = failures_.find(origin);
  return known == nullptr ? 0 : std::max<Millis>(0, known->until - now);
}

void Lockout::failed(const std::string& origin, Millis now) {
  Failures& known = failures_.at(origin, {});
  if (known.count != 0 && now - known.last > max_) {
    known = {};
  }
  known.last = now;
  ++known.count;
  if (known.count >= free_) {
    constexpr std::uint32_t kMaxDoublings = 30;
    const std::uint32_t doublings = std::min(known.count - free_, kMaxDoublings);
    known.until = now + std::min(max_, kFirstWait << doublings);
  }
}

void Lockout::succeeded(const std::string& origin) { failures_.erase(origin); }

}  // namespace countersign::registrar
