#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace countersign {

/// Why a message was refused. The values leave the process (audit, notices, database): frozen.
/// docs/protocol.md, section 3.
enum class Refusal : std::uint8_t {
  none = 0,
  malformed = 1,
  unknown_sender = 2,
  unknown_kid = 3,
  bad_tag = 4,
  replayed = 5,
  stale = 6,
  duplicate = 7,
  forked = 8,
  unsigned_ = 9,
  denied = 10,
  out_of_range = 11,
  enforcement = 12,
  expired = 13,
  expelled = 14,
  blocked = 15,
  disabled = 16,
  qos2 = 17,
  retain = 18,
  will = 19,
  busy = 20,
  bad_handshake = 21,
  old_epoch = 22,
  cloned = 23,
  not_sealed = 24,
  card_required = 25,
  too_large = 26,
  internal = 27,
};

inline constexpr std::array<std::string_view, 28> kRefusalNames{
    "none",        "malformed",     "unknown_sender", "unknown_kid",   "bad_tag",   "replayed",
    "stale",       "duplicate",     "forked",         "unsigned",      "denied",    "out_of_range",
    "enforcement", "expired",       "expelled",       "blocked",       "disabled",  "qos2",
    "retain",      "will",          "busy",           "bad_handshake", "old_epoch", "cloned",
    "not_sealed",  "card_required", "too_large",      "internal"};

/// The one name of `why`, as in audit lines, notices and documents.
[[nodiscard]] constexpr std::string_view name_of(Refusal why) {
  const auto index = static_cast<std::size_t>(why);
  return index < kRefusalNames.size() ? kRefusalNames[index] : kRefusalNames.back();
}

/// The refusal called `name`; `internal` if there is none of that name.
[[nodiscard]] constexpr Refusal refusal_named(std::string_view name) {
  for (std::size_t i = 0; i < kRefusalNames.size(); ++i) {
    if (kRefusalNames[i] == name) {
      return static_cast<Refusal>(i);
    }
  }
  return Refusal::internal;
}

/// Only these say something about whoever holds the connection; eight of them close it.
[[nodiscard]] constexpr bool counts_against_connection(Refusal why) {
  return why == Refusal::bad_tag || why == Refusal::malformed || why == Refusal::bad_handshake ||
         why == Refusal::unsigned_;
}

}  // namespace countersign
