#pragma once

#include <array>
#include <string_view>

#include "core/device_options.hpp"

namespace countersign::mcu {

/// The word for an event in logs.
[[nodiscard]] constexpr std::string_view name_of(DeviceEvent::What what) {
  constexpr std::array<std::string_view, 8> kNames{"none",   "online",    "offline", "message",
                                                   "notice", "discarded", "rekeyed", "fault"};
  const auto index = static_cast<std::size_t>(what);
  return index < kNames.size() ? kNames[index] : kNames.front();
}

}  // namespace countersign::mcu
