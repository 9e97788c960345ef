#include "engine/lockouts.hpp"

#include <algorithm>

namespace countersign::engine {
namespace {

constexpr unsigned kFree = 5;  // wrong ones that cost nothing
constexpr Millis kFirstBackoff = 1000;
constexpr Millis kForgetAfter = 900'000;
constexpr std::size_t kMaxUnknown = 65'536;

/// No identity holds a blank, and no address does.
std::string key_of(std::string_view identity, std::string_view origin) {
  return std::string{identity}.append(" ").append(origin);
}

}  // namespace

void Lockouts::wrong(std::string_view identity, std::string_view origin, bool known, Millis now) {
  const std::string key = key_of(identity, origin);
  if (!known && by_origin_.size() >= kMaxUnknown && !by_origin_.contains(key)) {
    return;
  }
  Guesses& guesses = by_origin_[key];
  ++guesses.count;
  const bool over = guesses.count >= kFree;
  const unsigned doublings = over ? std::min(guesses.count - kFree, 20U) : 0;
  guesses.until = now + (over ? std::min(kFirstBackoff << doublings, max_backoff_) : 0);
}

void Lockouts::right(std::string_view identity, std::string_view origin) {
  by_origin_.erase(key_of(identity, origin));
}

bool Lockouts::waits(std::string_view identity, std::string_view origin, Millis now) const {
  const auto found = by_origin_.find(key_of(identity, origin));
  return found != by_origin_.end() && found->second.count >= kFree && found->second.until > now;
}

void Lockouts::forget(Millis now) {
  std::erase_if(by_origin_,
                [&](const auto& entry) { return now - entry.second.until > kForgetAfter; });
}

}  // namespace countersign::engine
