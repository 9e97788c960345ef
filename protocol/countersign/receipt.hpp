#pragma once

#include <cstdint>
#include <string_view>

#include "countersign/bytes.hpp"
#include "countersign/replay_window.hpp"
#include "countersign/result.hpp"

namespace countersign {

inline constexpr std::uint8_t kReceiptRequestMark = 0x50;
inline constexpr std::uint8_t kReceiptMark = 0x51;
inline constexpr std::size_t kReceiptBodyBytes = 2 + 4 + 8;
inline constexpr std::size_t kReceiptBytes = 1 + kReceiptBodyBytes;
inline constexpr std::size_t kReceiptRequestBytes = 3;
inline constexpr std::size_t kMaxNoticeBytes = 64;

/// Which messages of the session `kid` were accepted:
///   size  field
///   2     kid
///   4     edge     greatest accepted + 1
///   8     bitmap   bit i: edge − 1 − i accepted
struct Receipt {
  std::uint16_t kid = 0;
  Acceptance accepted;
};

/// Writes the 14 bytes of the body, as in `finished`.
void write_receipt_body(const Receipt& receipt, Writer& out);
[[nodiscard]] Receipt read_receipt_body(Reader& in);

/// Writes `u8 0x51 || body`, 15 bytes: the payload of a receipt's envelope.
void write_receipt(const Receipt& receipt, Writer& out);
[[nodiscard, gnu::noinline]] Result<Receipt> parse_receipt(ByteView payload);

/// `u8 0x50 || u16 kid`: asks for the receipt of `kid`; naming an older one closes it first.
void write_receipt_request(std::uint16_t kid, Writer& out);
[[nodiscard]] Result<std::uint16_t> parse_receipt_request(ByteView payload);

/// What T tells a sender of one of its messages.
struct Notice {
  Refusal why = Refusal::none;
  std::uint32_t seq = 0;
};

/// Writes `{"v":1,"why":"replayed","seq":41}`, at most `kMaxNoticeBytes`.
void write_notice(const Notice& notice, Writer& out);
/// Parses exactly what `write_notice` writes.
[[nodiscard]] Result<Notice> parse_notice(ByteView payload);

}  // namespace countersign
