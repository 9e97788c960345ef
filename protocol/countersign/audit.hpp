#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "countersign/bytes.hpp"
#include "countersign/refusal.hpp"
#include "countersign/reputation.hpp"

namespace countersign {

/// Foreign text is clipped to so many bytes, then escaped: up to six characters each.
inline constexpr std::size_t kMaxAuditTextBytes = 256;
inline constexpr std::size_t kAuditTexts = 8;
/// Room enough for any audit line: its texts, and what stands around them.
inline constexpr std::size_t kMaxAuditBytes = kAuditTexts * (6 * kMaxAuditTextBytes + 3) + 512;

/// One line of the audit. Empty texts and absent numbers are left out. Borrows.
struct AuditLine {
  Millis at = 0;                ///< since the Unix epoch
  std::string_view event;       ///< publish, will, connect, handshake, level, admin, …
  std::string_view verdict;     ///< accept, refuse, observe, or empty for a mere fact
  Refusal why = Refusal::none;  ///< left out if none
  std::string_view identity;
  std::uint16_t kid = 0;  ///< left out if 0
  std::int32_t seq = -1;  ///< left out if negative
  bool has_reputation = false;
  Reputation reputation;
  std::string_view topic;
  std::string_view relay;  ///< who brought it: what a relay brings is not its own doing
  std::string_view client;
  std::string_view address;
  std::string_view detail;
};

/// Writes one JSON object and a newline: version first, fixed order of keys, foreign text escaped
/// to ASCII and clipped at `kMaxAuditTextBytes`. \returns the line, borrowed from `out`; empty if
/// `out` is smaller than `kMaxAuditBytes`.
[[nodiscard]] std::string_view write_audit_line(const AuditLine& line, std::span<char> out);

}  // namespace countersign
