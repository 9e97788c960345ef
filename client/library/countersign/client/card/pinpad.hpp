#pragma once

#include <cstdint>
#include <optional>

#include "countersign/client/card/transport.hpp"

/// PIN entry at the reader itself (PC/SC Specifications, part 10): the PIN never reaches this host.
namespace countersign::client {

inline constexpr std::size_t kVerifyStructureBytes = 19 + 4;

/// Asks the connected reader what it can do: CM_IOCTL_GET_FEATURE_REQUEST.
/// \returns the control code of FEATURE_VERIFY_PIN_DIRECT, or nothing.
[[nodiscard]] std::optional<std::uint32_t> find_pinpad(CardTransport& transport);

/// PIN_VERIFY_STRUCTURE for our VERIFY (part 10, section 2.5.2), little-endian:
///   size  field
///   1     bTimeOut                    30 s, before the first key
///   1     bTimeOut2                   30 s, behind it
///   1     bmFormatString              0x82: ASCII, from the first byte of the data on, in bytes
///   1     bmPINBlockString            0: no block of a fixed size
///   1     bmPINLengthFormat           0: the length stands nowhere but in Lc
///   2     wPINMaxExtraDigit           least digits << 8 | most digits
///   1     bEntryValidationCondition   0x02: the OK key
///   1     bNumberMessage              1: the reader's own words for "enter PIN"
///   2     wLangId                     0x0409: English
///   1     bMsgIndex                   0
///   3     bTeoPrologue                0
///   4     ulDataLength                4
///   4     abData                      00 20 00 81, the reader adds Lc and the PIN
[[nodiscard]] Bytes<kVerifyStructureBytes> verify_structure();

/// Has the reader ask for the PIN and send VERIFY by itself: what the card said to that, or the
/// reader for it.
[[nodiscard]] CardFailure verify_on_pinpad(CardTransport& transport, std::uint32_t control_code);

}  // namespace countersign::client
