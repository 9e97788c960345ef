#include "engine/addresses.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace countersign::engine {
namespace {

constexpr Millis kFirstBackoff = 100;
constexpr unsigned kFree = 8;  // mistakes that cost nothing
constexpr std::size_t kMaxOffenders = 65'536;

}  // namespace

std::string network_of(std::string_view address) {
  in6_addr six{};
  std::string text{address.substr(0, address.find('%'))};  // without the name of an interface
  if (::inet_pton(AF_INET6, text.c_str(), &six) != 1) {
    return std::string{address};
  }
  std::array<char, INET6_ADDRSTRLEN> room{};
  if (IN6_IS_ADDR_V4MAPPED(&six)) {
    return ::inet_ntop(AF_INET, &six.s6_addr[12], room.data(), room.size());
  }
  std::fill_n(&six.s6_addr[8], 8, std::uint8_t{0});
  return std::string{::inet_ntop(AF_INET6, &six, room.data(), room.size())} + "/64";
}

void Addresses::offend(std::string_view address, Millis now) {
  if (by_address_.size() >= kMaxOffenders) {
    forget(now);
  }
  if (by_address_.size() >= kMaxOffenders) {
    return;
  }
  Offender& offender = by_address_[network_of(address)];
  ++offender.count;
  if (offender.count <= kFree) {
    offender.until = now;
    return;
  }
  const unsigned doublings = std::min(offender.count - kFree - 1, 20U);
  offender.until = now + std::min(kFirstBackoff << doublings, max_backoff_);
}

bool Addresses::waits(std::string_view address, Millis now) const {
  const auto found = by_address_.find(network_of(address));
  return found != by_address_.end() && found->second.until > now;
}

void Addresses::forget(Millis now) {
  std::erase_if(by_address_,
                [&](const auto& entry) { return now - entry.second.until > max_backoff_; });
}

}  // namespace countersign::engine
