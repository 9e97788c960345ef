#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "app/node_settings.hpp"
#include "app/replay_sensor.hpp"
#include "flash/words.hpp"
#include "tools/address_text.hpp"
#include "tools/data_set.hpp"
#include "tools/device_plan.hpp"
#include "tools/flash_copy.hpp"

namespace countersign::mcu::tools::test {
namespace {

constexpr std::string_view kHeading = "reading,mote_id,indoor,humidity,temperature,label\n";

TEST(AddressText, GivesBackWhatItTook) {
  for (const std::string text : {"10.0.2.15/24", "255.255.255.255/30", "0.0.0.0/1"}) {
    const auto network = parse_network(text);
    ASSERT_TRUE(network) << text;
    EXPECT_EQ(text_of_network(*network), text);
  }
  const auto endpoint = parse_endpoint("10.0.2.2:65535");
  ASSERT_TRUE(endpoint);
  EXPECT_EQ(text_of_address(endpoint->address), "10.0.2.2");
  EXPECT_EQ(endpoint->port, 65'535);
}

TEST(AddressText, RefusesAllButTheShortestForm) {
  for (const std::string_view text : {"", "1.2.3", "1.2.3.4.5", "1.2.3.", ".1.2.3", "01.2.3.4",
                                      "1.2.3.256", "1.2.3.-4", "1.2.3.4 "}) {
    EXPECT_FALSE(parse_address(text)) << text;
  }
  for (const std::string_view text : {"1.2.3.4", "1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:1:2"}) {
    EXPECT_FALSE(parse_endpoint(text)) << text;
  }
  for (const std::string_view text : {"1.2.3.4", "1.2.3.4/", "1.2.3.4/0", "1.2.3.4/31"}) {
    EXPECT_FALSE(parse_network(text)) << text;
  }
}

TEST(AddressText, KnowsWhoIsInTheSameNetwork) {
  const auto network = parse_network("10.0.130.15/17");
  ASSERT_TRUE(network);
  EXPECT_TRUE(same_network(*network, *parse_address("10.0.255.1")));
  EXPECT_FALSE(same_network(*network, *parse_address("10.0.127.1")));
}

TEST(DataSet, IsReadByTheSensorAsItWasWritten) {
  const auto records = parse_data_set(
      std::string{kHeading} +
          "1,1,1,45.93,27.97,0\r\n2,2,1,1,1,0\n3,1,1,655.35,-327.68,0\n4,1,1,0,-0.05,1",
      1);
  ASSERT_TRUE(records);
  const FlashCopy flash{*records};
  ReplaySensor sensor{flash, 0, 3};
  for (const auto& [temperature, humidity] : {std::pair{2797, 4593}, {-32'768, 65'535}, {-5, 0}}) {
    Measurement measured;
    ASSERT_TRUE(sensor.measure(measured));
    EXPECT_EQ(measured.temperature, temperature);
    EXPECT_EQ(measured.humidity, humidity);
  }
}

TEST(DataSet, RefusesWhatARecordDoesNotHold) {
  for (const std::string_view line :
       {"1,1,1,45.93,327.68,0", "1,1,1,-0.01,20,0", "1,1,1,655.36,20,0", "1,1,1,inf,20,0",
        "1,1,1,,20,0", "1,1,1,45.93,20", "1,1,1,45.93,20,0,0", "1,x,1,45.93,20,0",
        "1,1,1,45.93,20 ,0"}) {
    EXPECT_FALSE(parse_data_set(std::string{kHeading}.append(line), 1)) << line;
  }
}

/// A key of 64 hex digits in a file that goes with the test.
class KeyText {
 public:
  KeyText() : path_{::testing::TempDir() + "countersign-device-plan.key"} {
    std::ofstream{path_} << std::string(64, 'a') << '\n';
    ::chmod(path_.c_str(), S_IRUSR | S_IWUSR);
  }
  KeyText(const KeyText&) = delete;
  KeyText& operator=(const KeyText&) = delete;
  ~KeyText() { std::filesystem::remove(path_); }

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// A device with names as long as they may be, and a will of so many bytes.
client::Status plan(DevicePlan& device, std::size_t will_bytes) {
  const KeyText key;
  device.options() = {.identity = std::string(kMaxIdentityBytes, 'i'),
                      .server_id = "plant-broker",
                      .key_path = key.path(),
                      .broker = "10.0.2.2:1883",
                      .address = {},
                      .gateway = {},
                      .dhcp = true,
                      .topic = {},
                      .data_path = {},
                      .will_topic = std::string(kMaxTopicBytes, 'w'),
                      .will_payload = std::string(will_bytes, 'p'),
                      .words = {},
                      .commanders = {},
                      .wake = {}};
  return device.make();
}

/// What the device sends to resume, in its own buffer.
bool can_resume(const Settings& settings) {
  Bytes<kPacketBytes> room{};
  const Bytes<kResumeTextBytes> proof{};
  Writer out{room};
  write_connect({.client_id = settings.identity,
                 .username = settings.identity,
                 .password = proof,
                 .will = device_options(settings).will,
                 .clean = false},
                out);
  return out.ok();
}

TEST(DevicePlan, TakesNoWillThatWouldKeepTheDeviceFromResuming) {
  std::size_t longest = 0;
  for (std::size_t size = 1; size <= 255; ++size) {
    DevicePlan device;
    const client::Status made = plan(device, size);
    EXPECT_EQ(static_cast<bool>(made), can_resume(device.settings())) << size;
    longest = made ? size : longest;
  }
  EXPECT_GT(longest, 100U);
  EXPECT_LT(longest, 255U);
  DevicePlan device;
  const client::Status refused = plan(device, longest + 3);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.why().text,
            "identity and will are 3 bytes too long for the device to resume its session");
  EXPECT_NE(refused.why().hint.find("--will-payload"), std::string::npos);
}

TEST(FlashCopy, KeepsTheRulesOfFlashWhateverIsProgrammed) {
  FlashCopy flash{ByteView{}};
  EXPECT_TRUE(flash.blank(kRingRegion));
  ASSERT_TRUE(program_word(flash, kRingRegion.address(), 0x0F0F0F0F));
  ASSERT_TRUE(program_word(flash, kRingRegion.address(), 0xFFFF0000));
  Word found = 0;
  ASSERT_TRUE(read_words(flash, kRingRegion.address(), {&found, 1}));
  EXPECT_EQ(found, 0x0F0F0000U);
  EXPECT_FALSE(flash.blank(kRingRegion));
  ASSERT_TRUE(flash.erase(kRingRegion.first));
  EXPECT_TRUE(flash.blank(kRingRegion));
  EXPECT_FALSE(flash.erase(FlashCopy::kPages));
  EXPECT_FALSE(program_word(flash, FlashCopy::kPages * kPageBytes, 0));
}

}  // namespace
}  // namespace countersign::mcu::tools::test
