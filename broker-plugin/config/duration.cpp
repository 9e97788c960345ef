#include "config/duration.hpp"

#include <array>
#include <charconv>
#include <limits>

namespace countersign::config {
namespace {

struct Unit {
  std::string_view name;
  Millis length;
};

constexpr std::array<Unit, 5> kUnits{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

}  // namespace

std::optional<Millis> parse_duration(std::string_view text) {
  Millis number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, number);
  if (fault != std::errc{} || number < 0) {
    return std::nullopt;
  }
  const std::string_view name{stop, static_cast<std::size_t>(end - stop)};
  for (const Unit& unit : kUnits) {
    if (unit.name == name && number <= std::numeric_limits<Millis>::max() / unit.length) {
      return number * unit.length;
    }
  }
  return std::nullopt;
}

std::string duration_text(Millis time) {
  for (const Unit& unit : kUnits) {
    if (time != 0 && time % unit.length == 0) {
      return std::to_string(time / unit.length).append(unit.name);
    }
  }
  return "0s";
}

}  // namespace countersign::config
