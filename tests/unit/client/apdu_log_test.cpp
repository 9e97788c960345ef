#include "countersign/client/card/apdu_log.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "countersign/client/card/card.hpp"
#include "unit/client/faulty_card.hpp"

namespace countersign::client {
namespace {

using countersign::test::from_hex;
using test::FaultyTransport;
using test::ReaderScript;
using testing::HasSubstr;
using testing::Not;

std::string masked(const std::string& command, const std::string& answer) {
  const auto sent = from_hex(command);
  return masked_exchange(sent, from_hex(answer), answers_secret(sent));
}

TEST(MaskedExchange, ShowsWhatIsNoSecret) {
  EXPECT_EQ(masked("00cadf0400", "03059000"), "> 00cadf0400 < 03059000");
  EXPECT_EQ(
      masked("0088000210" + std::string(32, '1') + "00",
             "0500000007" + std::string(32, 'a') + "9000"),
      "> 0088000210" + std::string(32, '1') + "00 < 0500000007" + std::string(32, 'a') + "9000");
}

TEST(MaskedExchange, HidesPinsAndSealedKeysWhateverTheParametersAre) {
  EXPECT_EQ(masked("002000810431323334", "9000"), "> 0020008104** (4) < 9000");
  EXPECT_EQ(masked("002000ff0431323334", "6a86"), "> 002000ff04** (4) < 6a86");
  EXPECT_EQ(masked("002400810a04313233340439393939", "63c2"), "> 002400810a** (10) < 63c2");
  EXPECT_EQ(masked("002c00810a04313233340439393939", "9000"), "> 002c00810a** (10) < 9000");
  EXPECT_EQ(masked("00db000103aabbcc", "6982"), "> 00db000103** (3) < 6982");
}

TEST(MaskedExchange, HidesAHandshakeKey) {
  EXPECT_EQ(masked("00880001020161", "00000001" + std::string(96, 'a') + "9000"),
            "> 00880001020161 < ** (52)9000");
  EXPECT_EQ(masked("00880001020161", "6982"), "> 00880001020161 < 6982");
}

TEST(MaskedExchange, TakesAnythingForACommand) {
  EXPECT_EQ(masked("", ""), ">  < ");
  EXPECT_EQ(masked("0020", "90"), "> 0020 < 90");
  EXPECT_EQ(masked("00200081", "63c3"), "> 00200081 < 63c3");
}

class AnApduLog : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::remove(path); }
  void TearDown() override { std::filesystem::remove(path); }

  Card open(const std::string& reader = "reader") {
    const auto transports =
        log_apdus(path, [this] { return std::make_unique<FaultyTransport>(script); });
    EXPECT_TRUE(transports) << transports.why().text;
    auto card = Card::open((*transports)(), reader);
    EXPECT_TRUE(card) << card.why().text;
    return std::move(*card);
  }

  [[nodiscard]] std::string text() const {
    std::ostringstream out;
    out << std::ifstream{path}.rdbuf();
    return out.str();
  }

  ReaderScript script;
  std::string path = testing::TempDir() + "apdu-" + std::to_string(getpid()) + ".log";
};

TEST_F(AnApduLog, HasALineForEachExchange) {
  { auto card = open(); }
  const std::regex line{
      "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z \"reader\" .* in \\d+ us"};
  std::istringstream lines{text()};
  std::string one;
  int count = 0;
  for (; std::getline(lines, one); ++count) {
    EXPECT_TRUE(std::regex_match(one, line)) << one;
  }
  EXPECT_EQ(count, 2) << "connect and SELECT";
}

TEST_F(AnApduLog, HoldsNoSecretOfAnyCommand) {
  script.pin = "secretpin";
  for (const bool in_parts : {false, true}) {
    script.answers_in_parts = in_parts;
    auto card = open();
    const auto pin = std::move(*Pin::from("secretpin"));
    const auto puk = std::move(*Pin::from("secretpuk"));
    EXPECT_TRUE(card.verify(pin));
    EXPECT_TRUE(card.handshake_key("plant-a", pin));
    static_cast<void>(card.change_pin(pin, puk));
    static_cast<void>(card.unblock(puk, pin));
  }
  const std::string log = text();
  EXPECT_THAT(log, HasSubstr("0020008109** (9) < 9000"));
  EXPECT_THAT(log, HasSubstr("002400811"));
  EXPECT_THAT(log, HasSubstr("002c00811"));
  EXPECT_THAT(log, Not(HasSubstr(countersign::test::hex(bytes_of("secretpin")))));
  EXPECT_THAT(log, Not(HasSubstr(countersign::test::hex(bytes_of("secretpuk")))));
  EXPECT_THAT(log, Not(HasSubstr("5a5a5a5a"))) << "the handshake key, whole or in parts";
  EXPECT_THAT(log, Not(HasSubstr("secret")));
}

TEST_F(AnApduLog, SaysWhatTheServiceSaysInstead) {
  auto card = open();
  script.reset_at_instruction = 0xCA;
  EXPECT_TRUE(card.info());
  EXPECT_THAT(text(), HasSubstr("> 00cadf0200 < another application keeps resetting the card"));
  script.on_begin = {CardError::reset};
  EXPECT_TRUE(card.info());
  EXPECT_THAT(text(), HasSubstr("\"reader\" reconnect in"));
}

TEST_F(AnApduLog, IsAppendedToAndForItsOwnerAlone) {
  { auto card = open(); }
  const auto once = text().size();
  { auto card = open("ev\xFFil\n\"reader"); }
  EXPECT_GT(text().size(), once);
  EXPECT_THAT(text(), HasSubstr("\"ev?il??reader\""));
  struct stat status {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(AnApduLog, ThatCannotBeOpenedIsAnError) {
  const auto refused = log_apdus("/nonexistent/apdu.log");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.why().fault, Fault::file);
}

}  // namespace
}  // namespace countersign::client
