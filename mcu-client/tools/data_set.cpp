#include "tools/data_set.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>
#include <optional>

#include "app/replay_sensor.hpp"
#include "countersign/client/key_text.hpp"
#include "flash/layout.hpp"

namespace countersign::mcu::tools {
namespace {

constexpr std::string_view kHeading = "reading,mote_id,indoor,humidity,temperature,label";
constexpr std::size_t kColumns = 6;
constexpr std::size_t kMote = 1;
constexpr std::size_t kHumidity = 3;
constexpr std::size_t kTemperature = 4;

client::Error no_data_set(std::size_t line, const std::string& what) {
  return {.fault = client::Fault::file,
          .text = "line " + std::to_string(line) + ": " + what,
          .hint = "the columns are " + std::string{kHeading}};
}

using Fields = std::array<std::string_view, kColumns>;

std::optional<Fields> split(std::string_view line) {
  Fields out;
  for (std::string_view& field : out) {
    const bool last = &field == &out.back();
    const std::size_t comma = line.find(',');
    if (last != (comma == std::string_view::npos)) {
      return {};
    }
    field = line.substr(0, comma);
    line.remove_prefix(last ? line.size() : comma + 1);
  }
  return out;
}

/// A decimal number in hundredths, if it is between `least` and `greatest` of them.
std::optional<std::int32_t> read_hundredths(std::string_view text, double least, double greatest) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
  const double hundredths = std::round(value * 100);
  if (error != std::errc{} || stop != end || !(hundredths >= least && hundredths <= greatest)) {
    return {};
  }
  return static_cast<std::int32_t>(hundredths);
}

void append_number(std::int32_t number, std::vector<std::byte>& out) {
  const auto bits = static_cast<std::uint32_t>(number);
  out.push_back(static_cast<std::byte>(bits & 0xFFU));
  out.push_back(static_cast<std::byte>(bits >> 8U & 0xFFU));
}

/// Takes the first line from `text`, without its end.
std::string_view take_line(std::string_view& text) {
  std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  return line;
}

}  // namespace

client::Outcome<std::vector<std::byte>> parse_data_set(std::string_view text, std::uint32_t mote) {
  std::vector<std::byte> out;
  if (take_line(text) != kHeading) {
    return no_data_set(1, "not the heading of a data set");
  }
  for (std::size_t line = 2; !text.empty(); ++line) {
    const auto fields = split(take_line(text));
    const auto id = fields ? client::read_number((*fields)[kMote], 0xFFFFFFFF) : std::nullopt;
    if (!id) {
      return no_data_set(line, "not a reading of a mote");
    }
    if (*id != mote) {
      continue;
    }
    const auto temperature = read_hundredths((*fields)[kTemperature], -32'768, 32'767);
    const auto humidity = read_hundredths((*fields)[kHumidity], 0, 65'535);
    if (!temperature || !humidity) {
      return no_data_set(line, "no temperature or no humidity");
    }
    append_number(*temperature, out);
    append_number(*humidity, out);
  }
  const std::size_t records = out.size() / kDataRecordBytes;
  if (records == 0 || out.size() > kReadingsRegion.bytes()) {
    return client::Error{.fault = client::Fault::file,
                         .text = "mote " + std::to_string(mote) + " has " +
                                 std::to_string(records) + " readings: 1 to " +
                                 std::to_string(kReadingsRegion.bytes() / kDataRecordBytes) +
                                 " can be stored"};
  }
  return out;
}

client::Outcome<std::vector<std::byte>> read_data_set(const std::string& path, std::uint32_t mote) {
  std::ifstream file{path, std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
  if (!file.is_open() || file.bad()) {
    return client::Error{.fault = client::Fault::file, .text = "cannot read " + path};
  }
  auto records = parse_data_set(text, mote);
  if (!records) {
    client::Error why = records.why();
    why.text = path + ": " + why.text;
    return why;
  }
  return records;
}

}  // namespace countersign::mcu::tools
