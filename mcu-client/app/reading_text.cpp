#include "app/reading_text.hpp"

#include <array>

namespace countersign::mcu {
namespace {

using namespace std::string_view_literals;

void write_number(std::uint32_t value, Writer& out) {
  std::array<char, 10> digits;
  std::size_t at = digits.size();
  do {
    digits[--at] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  out.raw(bytes_of({digits.data() + at, digits.size() - at}));
}

void write_hundredths(std::int32_t value, Writer& out) {
  const bool negative = value < 0;
  // the least number has no opposite of its own type
  const std::uint32_t size =
      negative ? 0U - static_cast<std::uint32_t>(value) : static_cast<std::uint32_t>(value);
  out.raw(bytes_of(negative ? "-"sv : ""sv));
  write_number(size / 100, out);
  out.raw(bytes_of("."sv));
  out.be(static_cast<std::uint8_t>('0' + size / 10 % 10));
  out.be(static_cast<std::uint8_t>('0' + size % 10));
}

}  // namespace

std::size_t write_reading(std::uint32_t number, std::uint32_t previous, const Measurement& measured,
                          MutableBytes out) {
  Writer text{out};
  text.raw(bytes_of("{\"n\":"sv));
  write_number(number, text);
  text.raw(bytes_of(",\"prev\":"sv));
  write_number(previous, text);
  text.raw(bytes_of(",\"temperature\":"sv));
  write_hundredths(measured.temperature, text);
  text.raw(bytes_of(",\"humidity\":"sv));
  write_hundredths(measured.humidity, text);
  text.raw(bytes_of("}"sv));
  return text.ok() ? text.written().size() : 0;
}

}  // namespace countersign::mcu
