#include "client/cli/levels_view.hpp"

#include <gmock/gmock.h>

namespace countersign::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr const char* kAnswer = R"({
  "now": 1772366400000,
  "totals": {"identities": 5, "sessions": 3, "AUTH1": 1, "AUTH2": 2, "AUTH3": 1, "enforcement": 1,
             "expelled": 1},
  "devices": [
    {"identity": "mote-4", "kind": "device", "level": "AUTH2", "score": 0, "standing": "expelled",
     "kid": 0, "messages": 0, "expelledUntil": 1772366700000},
    {"identity": "mote-1", "kind": "device", "level": "AUTH2", "score": 2, "standing": "active",
     "kid": 7, "messages": 41, "enforcementUntil": 1772366423500},
    {"identity": "mote-2", "kind": "device", "level": "AUTH3", "score": 21, "standing": "active",
     "kid": 8, "messages": 12345}]})";

Levels levels() { return read_levels(Json::parse(kAnswer)); }

std::vector<std::string> screen(std::size_t columns, std::size_t rows = 24) {
  return screen_of(levels(), "", {.columns = columns, .rows = rows, .colour = false});
}

TEST(LevelScreen, ShowsTotalsThenTheWorstFirst) {
  EXPECT_THAT(
      screen(120),
      ElementsAre(
          "2026-03-01T12:00:00Z  identities 5, sessions 3, AUTH3 1, AUTH2 2, AUTH1 1, "
          "enforcement 1, expelled 1",
          "",
          "  IDENTITY KIND   LEVEL SCORE                         STANDING           KID   MESSAGES",
          "  mote-4   device AUTH2 0     [.....................] expelled 5 min     -     0",
          "  mote-1   device AUTH2 2     [##...................] enforcement 23 s   7     41",
          "  mote-2   device AUTH3 21    [#####################] active             8     12345"));
}

TEST(LevelScreen, LeavesOutWhatHasNoRoom) {
  EXPECT_EQ(screen(48)[4], "  mote-1   AUTH2 2     enforcement 23 s");
  EXPECT_EQ(screen(30)[4], "  mote-1   AUTH2 2");
  EXPECT_EQ(screen(16)[4], "  mote-1   AUTH2");
  EXPECT_EQ(screen(5)[4], "  mo~");
}

TEST(LevelScreen, IsNeverLargerThanTheTerminal) {
  Levels many = levels();
  many.devices.resize(40, many.devices.back());
  many.devices[1].identity = std::string(64, 'x');
  for (std::size_t columns = 0; columns < 130; ++columns) {
    for (const std::size_t rows : {0U, 1U, 2U, 3U, 4U, 5U, 24U, 43U, 44U}) {
      const auto lines = screen_of(many, "status", {columns, rows, false});
      EXPECT_LE(lines.size(), rows);
      for (const std::string& line : lines) {
        EXPECT_LE(width_of(line), columns) << line;
      }
    }
  }
}

TEST(LevelScreen, SaysHowManyItLeavesOut) {
  const auto lines = screen(80, 5);
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_THAT(lines[3], StartsWith("  mote-4"));
  EXPECT_EQ(lines[4], "  and 2 more");
  EXPECT_EQ(screen(80, 6).size(), 6U);
  EXPECT_THAT(screen(80, 6)[5], StartsWith("  mote-2"));
}

TEST(LevelScreen, CutsALongIdentityWithATilde) {
  Levels one = levels();
  one.devices[0].identity = std::string(64, 'x');
  const auto lines = screen_of(one, "", {.columns = 60, .rows = 24, .colour = false});
  EXPECT_THAT(lines[3], StartsWith("  xxxxxxxx"));
  EXPECT_THAT(lines[3], HasSubstr("x~ AUTH2 0"));
}

TEST(LevelScreen, ShowsForeignTextWithoutItsControls) {
  Json answer = Json::parse(kAnswer);
  answer["devices"][0]["identity"] = "m\x1b[2J\n";
  answer["devices"][0]["standing"] = 7;
  const auto lines = screen_of(read_levels(answer), "", {100, 24, false});
  EXPECT_THAT(lines[3], StartsWith("  m\\x1b[2J\\x0a"));
}

TEST(LevelScreen, HasColoursOnlyIfAsked) {
  for (const std::string& line : screen(100)) {
    EXPECT_THAT(line, Not(HasSubstr("\x1b")));
  }
  const auto lines = screen_of(levels(), "", {.columns = 100, .rows = 24, .colour = true});
  EXPECT_THAT(lines[3], HasSubstr("\x1b[31m")) << "expelled";
  EXPECT_THAT(lines[5], HasSubstr("\x1b[32m")) << "AUTH3";
}

TEST(LevelScreen, TakesAnyAnswer) {
  for (
      const char* const odd :
      {"null", "7", "{}", R"({"devices":7})", R"({"devices":[7,null,{}],"totals":[]})",
       R"({"now":-9223372036854775808,"devices":[{"score":-5,"expelledUntil":9223372036854775807}]})",
       R"({"devices":[{"score":1e300,"kid":18446744073709551615,"level":{}}]})"}) {
    EXPECT_GE(screen_of(read_levels(Json::parse(odd)), "", {80, 24, true}).size(), 3U) << odd;
  }
}

/// The marks of a second look in which `key` of the last device has become `value`.
std::string mark_after(const char* key, const Json& value) {
  LevelMemory memory;
  Levels first = levels();
  memory.mark(first);
  Json answer = Json::parse(kAnswer);
  answer["devices"][2][key] = value;
  Levels second = read_levels(answer);
  memory.mark(second);
  return screen_of(second, "", {100, 24, false})[5].substr(0, 1);
}

TEST(LevelMemory, MarksWhatHasChanged) {
  EXPECT_EQ(mark_after("messages", 99), " ");
  EXPECT_EQ(mark_after("score", 20), "-");
  EXPECT_EQ(mark_after("level", "AUTH2"), "-");
  EXPECT_EQ(mark_after("score", 22), "+");
  EXPECT_EQ(mark_after("standing", "blocked"), "!");
  EXPECT_EQ(mark_after("enforcementUntil", 1'772'366'430'000), "!");
  EXPECT_EQ(mark_after("kid", 9), "*");
  EXPECT_EQ(mark_after("identity", "mote-9"), "*");
}

TEST(LevelLines, TellEachChangeOnce) {
  LevelMemory memory;
  Levels first = levels();
  memory.mark(first);
  EXPECT_THAT(changes_of(first), ElementsAre("2026-03-01T12:00:00Z mote-4 AUTH2 0 expelled -",
                                             "2026-03-01T12:00:00Z mote-1 AUTH2 2 enforcement 7",
                                             "2026-03-01T12:00:00Z mote-2 AUTH3 21 active 8"));
  Levels second = levels();
  second.devices[1].messages = 42;
  second.devices[2].score = 20;
  memory.mark(second);
  EXPECT_THAT(changes_of(second), ElementsAre("2026-03-01T12:00:00Z mote-2 AUTH3 20 active 8"));
  Levels third = second;
  memory.mark(third);
  EXPECT_THAT(changes_of(third), IsEmpty());
}

TEST(LevelTable, HasAHeading) {
  EXPECT_THAT(
      table_of(levels()),
      ElementsAre("identities 5, sessions 3, AUTH3 1, AUTH2 2, AUTH1 1, enforcement 1, expelled 1",
                  "IDENTITY  KIND    LEVEL  SCORE  STANDING          KID  MESSAGES",
                  "mote-4    device  AUTH2  0      expelled 5 min    -    0",
                  "mote-1    device  AUTH2  2      enforcement 23 s  7    41",
                  "mote-2    device  AUTH3  21     active            8    12345"));
}

}  // namespace
}  // namespace countersign::cli
