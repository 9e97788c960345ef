#include <gtest/gtest.h>

#include <random>

#include "plant.hpp"

namespace countersign::config {
namespace {

bool taken(const std::string& text) {
  const auto parsed = parse_settings(text, "hostile.toml");
  if (!parsed) {
    EXPECT_FALSE(parsed.why().message.empty());
    EXPECT_EQ(parsed.why().text().find('\n'), std::string::npos);
  }
  return static_cast<bool>(parsed);
}

TEST(HostileSettings, AreRefusedWithAReason) {
  const std::string start = "server_id = \"t\"\n[default]\nmode = \"off\"\n";
  const auto repeated = [](const std::string& text, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) {
      out += text;
    }
    return out;
  };
  for (const std::string& text :
       {std::string(100, '\0'), std::string("\xFF\xFE server_id"),
        "a = " + std::string(100'000, '['), repeated("a.", 20'000) + "b = 1",
        "x = " + repeated("{a=", 20'000), "server_id = \"" + std::string(100'000, 'x') + "\"",
        start + start, std::string("server_id = 99999999999999999999"),
        start + std::string(1000, 'k') + " = 1",
        std::string("server_id = \"t\\u0000\"\n[default]\nmode=\"off\""),
        std::string("\"\\u001b[31m\" = 1\n[default]\nmode=\"off\""),
        std::string("[[default]]\nmode=\"off\""), std::string("[[rule]]\n[rule.topic]\n"),
        start + "[[rule]]\ntopic = \"" + std::string(70'000, 'a') + "\""}) {
    EXPECT_FALSE(taken(text)) << text.substr(0, 80);
  }
}

// toml++ read on through the string as if it were the number's: undefined beyond ASCII
TEST(HostileSettings, MayNotBeginAStringWithinANumber) {
  for (const std::string value : {"4\"é\"", "1.'é'", "[1,2\"é\"]", "4=\"é\"", "2020-01-01\"é\"",
                                  "{a=+1\"é\"}", "[4[\"é\"]]", "-\"é\""}) {
    EXPECT_FALSE(taken("a = " + value + "\n")) << value;
  }
  const std::string start = "server_id = \"t\"\n[default]\nmode = \"off\"\n";
  EXPECT_TRUE(taken(start + "[files]\nkey='/é'\naudit=\"/ü\"# 4\"é\"\n"));
  EXPECT_TRUE(taken(start + "[limits]\nwindow = 128\n[files]\nkey = '/é'\n"));
}

// the parser's own words quoted the line break it had stumbled over
TEST(HostileSettings, AreRefusedInOneLine) {
  for (const std::string text : {"server_id = t\n\"\"[default]\nmode = \"off\"\n", "a = \x1b[31m\n",
                                 "a = t\r\n", "a = \"x\ny\"\n", "\x7f = 1\n"}) {
    const auto parsed = parse_settings(text, "hostile.toml");
    ASSERT_FALSE(parsed) << text;
    for (const char c : parsed.why().text()) {
      EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) << parsed.why().message;
    }
  }
}

TEST(HostileSettings, MayHoldAnyLetterInStringsAndComments) {
  const std::string start = "server_id = \"t\" # größer\n[default]\nmode = \"off\"\n";
  EXPECT_TRUE(taken(start + "[files]\nkey = \"/ключ\"\n"));
  EXPECT_TRUE(taken(start + "[files]\nkey = '/ключ'\naudit = '''/a\"ü'''\n"));
  EXPECT_TRUE(taken(start + "[files]\nkey = \"\"\"/k\\\"ü\"\"\"\n"));
  EXPECT_FALSE(taken(start + "[files]\nkey = ü\n"));
  EXPECT_FALSE(taken(start + "[files]\nü = 1\n"));
  EXPECT_FALSE(taken(start + "[files]\u00a0\n"));
}

TEST(HostileSettings, NeverBreakTheParserWhenCut) {
  const std::string whole = kPlant;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    static_cast<void>(taken(whole.substr(0, size)));
  }
  EXPECT_TRUE(taken(whole));
}

TEST(HostileSettings, NeverBreakTheParserWhenScrambled) {
  std::mt19937 random{20240301};  // NOLINT(cert-msc51-cpp): the same run each time
  const std::string whole = kPlant;
  for (int round = 0; round < 3000; ++round) {
    std::string text = whole;
    for (int change = 0; change < 3; ++change) {
      text[random() % text.size()] = static_cast<char>(random());
    }
    static_cast<void>(taken(text));
  }
}

}  // namespace
}  // namespace countersign::config
