#include "countersign/receipt.hpp"

#include <array>

#include "countersign/envelope.hpp"

namespace countersign {
namespace {

constexpr std::string_view kNoticeHead = R"({"v":1,"why":")";
constexpr std::string_view kNoticeMiddle = R"(","seq":)";

void write_decimal(std::uint32_t value, Writer& out) {
  std::array<char, 10> digits{};
  std::size_t at = digits.size();
  do {
    digits[--at] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  out.raw(bytes_of({digits.data() + at, digits.size() - at}));
}

/// Minimal decimals up to `kMaxVbi`; false for anything else.
bool parse_decimal(std::string_view text, std::uint32_t& value) {
  if (text.empty() || text.size() > 9 || (text[0] == '0' && text.size() > 1)) {
    return false;
  }
  value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') {
      return false;
    }
    value = value * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return value <= kMaxVbi;
}

}  // namespace

void write_receipt_body(const Receipt& receipt, Writer& out) {
  out.be(receipt.kid).be(receipt.accepted.edge).be(receipt.accepted.bitmap);
}

Receipt read_receipt_body(Reader& in) {
  Receipt receipt;
  receipt.kid = in.be<std::uint16_t>();
  receipt.accepted.edge = in.be<std::uint32_t>();
  receipt.accepted.bitmap = in.be<std::uint64_t>();
  return receipt;
}

void write_receipt(const Receipt& receipt, Writer& out) {
  out.be(kReceiptMark);
  write_receipt_body(receipt, out);
}

Result<Receipt> parse_receipt(ByteView payload) {
  Reader in{payload};
  const auto mark = in.be<std::uint8_t>();
  const Receipt receipt = read_receipt_body(in);
  if (!in.done() || mark != kReceiptMark) {
    return Refusal::malformed;
  }
  return receipt;
}

void write_receipt_request(std::uint16_t kid, Writer& out) { out.be(kReceiptRequestMark).be(kid); }

Result<std::uint16_t> parse_receipt_request(ByteView payload) {
  Reader in{payload};
  const auto mark = in.be<std::uint8_t>();
  const auto kid = in.be<std::uint16_t>();
  if (!in.done() || mark != kReceiptRequestMark || kid == 0 || kid > kMaxKid) {
    return Refusal::malformed;
  }
  return kid;
}

void write_notice(const Notice& notice, Writer& out) {
  out.raw(bytes_of(kNoticeHead)).raw(bytes_of(name_of(notice.why))).raw(bytes_of(kNoticeMiddle));
  write_decimal(notice.seq, out);
  out.raw(bytes_of("}"));
}

Result<Notice> parse_notice(ByteView payload) {
  std::string_view text = text_of(payload);
  if (head_of(text, kNoticeHead.size()) != kNoticeHead || text.back() != '}') {
    return Refusal::malformed;
  }
  text = tail_of(text, kNoticeHead.size());
  text.remove_suffix(1);
  const std::size_t middle = text.find(kNoticeMiddle);
  if (middle == std::string_view::npos) {
    return Refusal::malformed;
  }
  Notice notice;
  const std::string_view name = head_of(text, middle);
  notice.why = refusal_named(name);
  if (name_of(notice.why) != name ||
      !parse_decimal(tail_of(text, middle + kNoticeMiddle.size()), notice.seq)) {
    return Refusal::malformed;
  }
  return notice;
}

}  // namespace countersign
