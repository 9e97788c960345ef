#include "countersign/audit.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <string>
#include <vector>

namespace countersign::test {
namespace {

std::string line_of(const AuditLine& line) {
  std::vector<char> room(kMaxAuditBytes);
  return std::string{write_audit_line(line, room)};
}

TEST(Audit, WritesTheLineOfTheHandbook) {
  AuditLine line;
  line.at = 1'772'366'400'123;  // 2026-03-01T12:00:00.123Z
  line.event = "publish";
  line.verdict = "refuse";
  line.why = Refusal::replayed;
  line.identity = "mote-3";
  line.kid = 3;
  line.seq = 41;
  line.has_reputation = true;
  line.reputation = {Level::auth2, 9};
  line.topic = "plant/mote-3/t";
  line.address = "127.0.0.1";
  EXPECT_EQ(line_of(line),
            R"({"v":1,"at":"2026-03-01T12:00:00.123Z","event":"publish","verdict":"refuse",)"
            R"("why":"replayed","identity":"mote-3","kid":3,"seq":41,"level":"AUTH2","score":9,)"
            R"("topic":"plant/mote-3/t","address":"127.0.0.1"})"
            "\n");
}

TEST(Audit, LeavesOutWhatIsAbsent) {
  EXPECT_EQ(line_of({}), "{\"v\":1,\"at\":\"1970-01-01T00:00:00.000Z\"}\n");
  AuditLine zero;
  zero.seq = 0;
  zero.kid = 16'383;
  zero.relay = "r";
  zero.client = "c";
  zero.detail = "d";
  EXPECT_EQ(line_of(zero),
            "{\"v\":1,\"at\":\"1970-01-01T00:00:00.000Z\",\"kid\":16383,\"seq\":0,"
            "\"relay\":\"r\",\"client\":\"c\",\"detail\":\"d\"}\n");
}

std::string digits(unsigned value, std::size_t width) {
  const std::string text = std::to_string(value);
  return std::string(width - text.size(), '0') + text;
}

std::string date_by_chrono(std::chrono::sys_days day) {
  const std::chrono::year_month_day date{day};
  return digits(static_cast<unsigned>(static_cast<int>(date.year())), 4) + "-" +
         digits(static_cast<unsigned>(date.month()), 2) + "-" +
         digits(static_cast<unsigned>(date.day()), 2);
}

TEST(Audit, KnowsEveryDayUntilTheYear2400) {
  constexpr Millis kDay = 86'400'000;
  const std::chrono::sys_days end{std::chrono::year{2400} / 12 / 31};
  Millis at = 0;
  for (std::chrono::sys_days day{}; day <= end; day += std::chrono::days{1}, at += kDay) {
    AuditLine line;
    line.at = at;
    ASSERT_EQ(line_of(line).substr(13, 10), date_by_chrono(day));
    line.at = at + kDay - 1;
    ASSERT_EQ(line_of(line).substr(13, 24), date_by_chrono(day) + "T23:59:59.999Z");
  }
}

TEST(Audit, CountsHoursMinutesSecondsAndThousandths) {
  AuditLine line;
  line.at = ((13 * 60 + 7) * 60 + 9) * 1000 + 4;
  EXPECT_EQ(line_of(line).substr(13, 24), "1970-01-01T13:07:09.004Z");
  line.at = -1;
  EXPECT_EQ(line_of(line).substr(13, 24), "1970-01-01T00:00:00.000Z") << "no time before the epoch";
  line.at = std::numeric_limits<Millis>::max();
  EXPECT_TRUE(line_of(line).ends_with("Z\"}\n"));
}

/// Undoes the escapes that our lines may hold; fails the test on any other.
std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    const char kind = text.at(++i);
    if (kind == 'u') {
      out += static_cast<char>(std::stoi(std::string{text.substr(i + 1, 4)}, nullptr, 16));
      i += 4;
    } else {
      EXPECT_TRUE(kind == '"' || kind == '\\') << kind;
      out += kind;
    }
  }
  return out;
}

TEST(Audit, EscapesEveryByteToPrintableAscii) {
  for (unsigned code = 0; code < 256; ++code) {
    const std::string text = std::string{"a"} + static_cast<char>(code) + "b";
    AuditLine line;
    line.topic = text;
    const std::string written = line_of(line);
    const std::string_view value = std::string_view{written}.substr(48, written.size() - 48 - 3);
    EXPECT_EQ(unescaped(value), text) << written;
    for (const char c : std::string_view{written}.substr(0, written.size() - 1)) {
      EXPECT_TRUE(c >= 0x20 && c < 0x7F) << code;
    }
    EXPECT_EQ(written.back(), '\n');
  }
}

TEST(Audit, IsNotForgedByAHostileTopic) {
  AuditLine line;
  line.topic = "x\"}\n{\"v\":1,\"event\":\"publish\",\"verdict\":\"accept";
  const std::string written = line_of(line);
  EXPECT_EQ(written.find('\n'), written.size() - 1);
  EXPECT_NE(written.find(R"(x\"}\u000a{\"v\":1)"), std::string::npos) << written;
}

TEST(Audit, ClipsTextAndSaysSo) {
  AuditLine line;
  const std::string most(kMaxAuditTextBytes, 'x');
  const std::string more = most + "y";
  line.topic = most;
  EXPECT_NE(line_of(line).find(most + "\"}"), std::string::npos);
  line.topic = more;
  EXPECT_NE(line_of(line).find(most + "...\"}"), std::string::npos);
  EXPECT_EQ(line_of(line).find('y'), std::string::npos);
}

TEST(Audit, HasRoomForTheWorstLine) {
  const std::string worst(kMaxAuditTextBytes + 1, '\x01');
  AuditLine line;
  line.at = std::numeric_limits<Millis>::max();
  line.why = Refusal::unknown_sender;
  line.kid = 16'383;
  line.seq = std::numeric_limits<std::int32_t>::max();
  line.has_reputation = true;
  line.event = line.verdict = line.identity = line.topic = line.client = line.address =
      line.detail = worst;
  const std::string written = line_of(line);
  EXPECT_TRUE(written.ends_with("...\"}\n"));
  EXPECT_LT(written.size(), kMaxAuditBytes);
}

TEST(Audit, WritesNothingIntoTooLittleRoom) {
  std::vector<char> room(kMaxAuditBytes - 1);
  EXPECT_TRUE(write_audit_line({}, room).empty());
}

}  // namespace
}  // namespace countersign::test
