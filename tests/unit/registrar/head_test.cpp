#include "registrar/head.hpp"

#include <gmock/gmock.h>

namespace countersign::registrar {
namespace {

bool accepts(const std::string& text) {
  Head head;
  return read_head(text, head);
}

TEST(Head, GivesOnWhatItWasGiven) {
  const std::string text = "GET /a HTTP/1.1\r\nHost: x\r\nAccept:\t*/*\r\nX: caf\xC3\xA9\r\n\r\n";
  Head head;
  ASSERT_TRUE(read_head(text, head));
  EXPECT_EQ(head.text, text);
  EXPECT_EQ(head.authorization, "");
}

TEST(Head, KeepsTheSecretAndRangesFromTheLibrary) {
  Head head;
  ASSERT_TRUE(
      read_head("GET / HTTP/1.1\r\nAUTHORIZATION:  Bearer abc \r\nrange: bytes=0-0\r\n"
                "Host: x\r\n\r\n",
                head));
  EXPECT_EQ(head.text, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(head.authorization, "Bearer abc");
}

TEST(Head, RefusesTwoOfWhatDecidesHowItIsRead) {
  for (const std::string name : {"Authorization", "Content-Encoding", "Content-Length",
                                 "Content-Type", "Expect", "Host", "Transfer-Encoding"}) {
    std::string again = name;
    again[0] = static_cast<char>(again[0] - 'A' + 'a');
    EXPECT_TRUE(accepts("GET / HTTP/1.1\r\n" + name + ": 1\r\n\r\n")) << name;
    EXPECT_FALSE(accepts("GET / HTTP/1.1\r\n" + name + ": 1\r\n" + again + ": 1\r\n\r\n")) << name;
  }
  EXPECT_FALSE(accepts("GET / HTTP/1.1\r\nhost: a\r\nHOST: b\r\n\r\n"));
}

TEST(Head, RefusesWhatCanBeReadInTwoWays) {
  EXPECT_FALSE(accepts("GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n"));
  EXPECT_FALSE(accepts("GET / HTTP/1.1\r\nHost : x\r\n\r\n"));
  EXPECT_FALSE(accepts("GET / HTTP/1.1\r\nHost: x\nX: y\r\n\r\n"));
  EXPECT_FALSE(accepts("GET / HTTP/1.1\r\nHost: x\rX: y\r\n\r\n"));
  EXPECT_FALSE(accepts(std::string{"GET / HTTP/1.1\r\nHost: \0\r\n\r\n", 27}));
  EXPECT_FALSE(accepts("GET / HTTP/1.1\r\nHost\r\n\r\n"));
  EXPECT_FALSE(accepts("GET / HTTP/1.1\r\n: x\r\n\r\n"));
  EXPECT_FALSE(accepts("GET  / HTTP/1.1\r\n\r\n"));
  EXPECT_FALSE(accepts("GET /\r\n\r\n"));
  EXPECT_FALSE(accepts("GET / a HTTP/1.1\r\n\r\n"));
  EXPECT_FALSE(accepts("\r\n\r\n"));
  EXPECT_FALSE(accepts("GET / HTTP/1.1\r\n\r\nmore"));
  EXPECT_FALSE(accepts("GET / HTTP/1.1\r\n\r\nX: y\r\n\r\n"));
  EXPECT_FALSE(accepts("GET / HTTP/1.1\r\nX: y\r\n"));
  EXPECT_FALSE(accepts(""));
}

TEST(Head, CountsFields) {
  std::string text = "GET / HTTP/1.1\r\n";
  for (std::size_t i = 0; i < kMaxFields; ++i) {
    text += "X: y\r\n";
  }
  EXPECT_TRUE(accepts(text + "\r\n"));
  EXPECT_FALSE(accepts(text + "X: y\r\n\r\n"));
}

}  // namespace
}  // namespace countersign::registrar
