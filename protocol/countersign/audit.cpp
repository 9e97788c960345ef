#include "countersign/audit.hpp"

#include <array>

namespace countersign {
namespace {

struct Date {
  std::uint32_t year;
  std::uint32_t month;
  std::uint32_t day;
};

/// Days since 1970-01-01 to the Gregorian calendar, in eras of 400 years that begin in March.
constexpr Date date_of(std::uint32_t days) {
  const std::uint32_t shifted = days + 719'468;
  const std::uint32_t era = shifted / 146'097;
  const std::uint32_t day_of_era = shifted % 146'097;
  const std::uint32_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::uint32_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::uint32_t from_march = (5 * day_of_year + 2) / 153;
  const std::uint32_t month = from_march < 10 ? from_march + 3 : from_march - 9;
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month,
          day_of_year - (153 * from_march + 2) / 5 + 1};
}

static_assert(date_of(0).year == 1970 && date_of(0).month == 1 && date_of(0).day == 1);
static_assert(date_of(19'782).month == 2 && date_of(19'782).day == 29, "2024-02-29");

/// Divides in place, in digits of 16 bits: small parts have no 64-bit division.
/// \returns the remainder. `divisor` ≤ 65,536.
constexpr std::uint32_t divide(std::uint64_t& value, std::uint32_t divisor) {
  std::uint64_t quotient = 0;
  std::uint32_t remainder = 0;
  for (unsigned shift = 64; shift > 0;) {
    shift -= 16;
    const std::uint32_t part =
        remainder << 16 | static_cast<std::uint32_t>(value >> shift & 0xFFFFU);
    quotient |= static_cast<std::uint64_t>(part / divisor) << shift;
    remainder = part % divisor;
  }
  value = quotient;
  return remainder;
}

class Line {
 public:
  explicit Line(std::span<char> room) : room_{room} {}

  /// Literals keep their length: without this the compiler may call strlen, which the core lacks.
  template <std::size_t N>
  Line& raw(const char (&text)[N]) {
    return raw(std::string_view{text, N - 1});
  }

  Line& raw(std::string_view text) {
    for (const char c : text) {
      put(c);
    }
    return *this;
  }

  Line& number(std::uint32_t value, std::size_t width = 1) {
    std::array<char, 10> digits{};
    std::size_t count = 0;
    do {
      digits[count++] = static_cast<char>('0' + value % 10);
      value /= 10;
    } while (value != 0 || count < width);
    while (count > 0) {
      put(digits[--count]);
    }
    return *this;
  }

  /// `,"key":"text"`, left out if the text is empty.
  template <std::size_t N>
  Line& field(const char (&key)[N], std::string_view text) {
    if (text.empty()) {
      return *this;
    }
    this->key(key).raw("\"");
    escaped(head_of(text, kMaxAuditTextBytes));
    if (text.size() > kMaxAuditTextBytes) {
      raw("...");
    }
    return raw("\"");
  }

  template <std::size_t N>
  Line& key(const char (&key)[N]) {
    return raw(",\"").raw(key).raw("\":");
  }

  [[nodiscard]] std::string_view text() const { return {room_.data(), used_}; }

 private:
  void put(char c) {
    if (used_ < room_.size()) {
      room_[used_++] = c;
    }
  }

  void escaped(std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    for (const char c : text) {
      const auto code = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') {
        put('\\');
        put(c);
      } else if (code < 0x20 || code >= 0x7F) {
        raw("\\u00");
        put(kHex[code >> 4]);
        put(kHex[code & 0x0FU]);
      } else {
        put(c);
      }
    }
  }

  std::span<char> room_;
  std::size_t used_ = 0;
};

void write_time(Millis at, Line& out) {
  auto rest = static_cast<std::uint64_t>(at < 0 ? 0 : at);
  const std::uint32_t millis = divide(rest, 1000);
  const std::uint32_t seconds = divide(rest, 60);
  const std::uint32_t minutes = divide(rest, 60);
  const std::uint32_t hours = divide(rest, 24);
  const Date date = date_of(static_cast<std::uint32_t>(rest));
  out.number(date.year, 4).raw("-").number(date.month, 2).raw("-").number(date.day, 2).raw("T");
  out.number(hours, 2).raw(":").number(minutes, 2).raw(":").number(seconds, 2).raw(".");
  out.number(millis, 3).raw("Z");
}

}  // namespace

std::string_view write_audit_line(const AuditLine& line, std::span<char> out) {
  if (out.size() < kMaxAuditBytes) {
    return {};
  }
  Line text{out};
  text.raw(R"({"v":1,"at":")");
  write_time(line.at, text);
  text.raw("\"").field("event", line.event).field("verdict", line.verdict);
  text.field("why", line.why == Refusal::none ? std::string_view{} : name_of(line.why));
  text.field("identity", line.identity);
  if (line.kid != 0) {
    text.key("kid").number(line.kid);
  }
  if (line.seq >= 0) {
    text.key("seq").number(static_cast<std::uint32_t>(line.seq));
  }
  if (line.has_reputation) {
    text.field("level", name_of(line.reputation.level)).key("score");
    text.number(static_cast<std::uint32_t>(line.reputation.score));
  }
  text.field("topic", line.topic).field("relay", line.relay).field("client", line.client);
  text.field("address", line.address).field("detail", line.detail).raw("}\n");
  return text.text();
}

}  // namespace countersign
