#include "countersign/base64url.hpp"

#include <gtest/gtest.h>

#include "unit/scripted_random.hpp"
#include "unit/vector_file.hpp"

namespace countersign::test {
namespace {

std::string encoded(ByteView bytes) {
  std::string room(base64url_size(bytes.size()), '?');
  return std::string{encode_base64url(bytes, room)};
}

TEST(Base64url, AgreesWithTheVectorsBothWays) {
  for (const VectorFile& v : vectors("base64url_accept")) {
    SCOPED_TRACE(v.name());
    EXPECT_EQ(encoded(v.body()), v.text("text"));
    Octets room(v.body().size());
    ByteView decoded;
    ASSERT_TRUE(decode_base64url(v.text("text"), room, decoded));
    EXPECT_EQ(hex(decoded), hex(v.body()));
  }
}

TEST(Base64url, RefusesWhatTheVectorsRefuse) {
  for (const VectorFile& v : vectors("base64url_refuse")) {
    SCOPED_TRACE(v.name());
    Octets room(100);
    ByteView decoded;
    EXPECT_FALSE(decode_base64url(v.text("text"), room, decoded));
  }
}

TEST(Base64url, HasOneTextForEachValue) {
  // RFC 4648, section 10, in the url alphabet and unpadded
  EXPECT_EQ(encoded(bytes_of("foobar")), "Zm9vYmFy");
  EXPECT_EQ(encoded(bytes_of("fooba")), "Zm9vYmE");
  EXPECT_EQ(encoded(bytes_of("foob")), "Zm9vYg");
  Octets room(8);
  ByteView decoded;
  EXPECT_TRUE(decode_base64url("Zm9vYg", room, decoded));
  for (const char last : std::string_view{"hijklmnopqrstuv"}) {
    EXPECT_FALSE(decode_base64url(std::string{"Zm9vY"} + last, room, decoded)) << last;
  }
}

TEST(Base64url, TakesNoCharacterOutsideItsAlphabet) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  Octets room(3);
  ByteView decoded;
  for (unsigned code = 0; code < 256; ++code) {
    const char c = static_cast<char>(code);
    const std::string text{'A', 'A', 'A', c};
    const bool known = kAlphabet.find(c) != std::string_view::npos;
    EXPECT_EQ(decode_base64url(text, room, decoded), known) << code;
  }
}

TEST(Base64url, GivesBackWhatItWasGiven) {
  SeededRandom random;
  for (std::size_t size = 0; size < 100; ++size) {
    Octets bytes(size);
    ASSERT_TRUE(random.fill(bytes));
    const std::string text = encoded(bytes);
    EXPECT_EQ(text.size(), base64url_size(size));
    Octets room(size);
    ByteView decoded;
    ASSERT_TRUE(decode_base64url(text, room, decoded)) << size;
    EXPECT_EQ(hex(decoded), hex(bytes));
  }
}

TEST(Base64url, NeedsRoom) {
  const Octets bytes(16);
  std::string text(base64url_size(bytes.size()), '?');
  EXPECT_EQ(encode_base64url(bytes, std::span{text}.first(text.size() - 1)), "");
  Octets room(15);
  ByteView decoded;
  EXPECT_FALSE(decode_base64url(encode_base64url(bytes, text), room, decoded));
}

}  // namespace
}  // namespace countersign::test
