#include <gtest/gtest.h>

#include <algorithm>

#include "flash/provisioning.hpp"
#include "unit/octets.hpp"

namespace countersign::mcu::test {
namespace {

using countersign::test::Octets;

constexpr std::string_view kPassword = "nobody's business";
constexpr std::string_view kSerial = "nor this";

Octets written_settings() {
  Settings settings;
  settings.identity = "mote-3";
  settings.server_id = "broker.plant-1";
  settings.broker_port = 1883;
  settings.topic = "plant/mote-3/t";
  settings.mfar = true;
  settings.password = bytes_of(kPassword);
  settings.fields[0] = {.name = "serial", .value = bytes_of(kSerial)};
  settings.field_count = 1;
  Octets room(kMaxSettingsBytes);
  Writer out{room};
  write_settings(settings, out);
  EXPECT_TRUE(out.ok());
  room.resize(out.written().size());
  return room;
}

/// What the other side gets of `settings`.
Octets open_settings(ByteView settings) {
  Octets room(kMaxSettingsBytes);
  Writer out{room};
  write_open_settings(settings, out);
  EXPECT_TRUE(out.ok());
  room.resize(out.written().size());
  return room;
}

TEST(OpenSettings, SayAllButWhatProvesWhoTheDeviceIs) {
  const Octets all = written_settings();
  const Octets open = open_settings(all);
  EXPECT_EQ(text_of(open).find(kPassword), std::string_view::npos);
  EXPECT_EQ(text_of(open).find(kSerial), std::string_view::npos);
  Settings settings;
  ASSERT_TRUE(parse_settings(open, settings));
  EXPECT_EQ(settings.identity, "mote-3");
  EXPECT_EQ(settings.topic, "plant/mote-3/t");
  EXPECT_EQ(text_of(settings.password), "*");
  EXPECT_EQ(settings.field_count, 0U);
}

// they stand in room that is filled up to words with ones, and behind that with zeros
TEST(OpenSettings, EndWhereTheSettingsDo) {
  const Octets all = written_settings();
  for (const std::byte filler : {std::byte{0}, std::byte{0xFF}}) {
    Octets page = all;
    page.push_back(filler);
    page.resize(kMaxSettingsBytes);
    EXPECT_EQ(open_settings(page), open_settings(all));
  }
}

TEST(OpenSettings, StopAtASettingThatIsCut) {
  const Octets all = written_settings();
  const Octets whole = open_settings(all);
  for (std::size_t size = 0; size < all.size(); ++size) {
    const Octets open = open_settings(ByteView{all}.first(size));
    ASSERT_LE(open.size(), whole.size());
    EXPECT_TRUE(std::equal(open.begin(), open.end(), whole.begin()));
  }
}

}  // namespace
}  // namespace countersign::mcu::test
