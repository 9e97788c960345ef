#include "countersign/identity.hpp"

#include <gtest/gtest.h>

#include <string>

namespace countersign::test {
namespace {

TEST(Identity, IsMadeOfItsAlphabetAlone) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  for (unsigned code = 0; code < 256; ++code) {
    const char c = static_cast<char>(code);
    const bool known = kAlphabet.find(c) != std::string_view::npos;
    EXPECT_EQ(is_identity(std::string(1, c)), known) << code;
    EXPECT_EQ(is_identity(std::string{"mote"} + c + "3"), known) << code;
  }
}

TEST(Identity, HasOneTo64Bytes) {
  EXPECT_FALSE(is_identity(""));
  EXPECT_TRUE(is_identity(std::string(64, 'a')));
  EXPECT_FALSE(is_identity(std::string(65, 'a')));
}

TEST(Identity, IsEmptyOrValidByValue) {
  EXPECT_TRUE(Identity{}.empty());
  EXPECT_TRUE(Identity{"a/b"}.empty());
  EXPECT_TRUE(Identity{std::string(65, 'a')}.empty());
  const Identity longest{std::string(64, 'a')};
  EXPECT_EQ(longest.text(), std::string(64, 'a'));
  EXPECT_EQ(longest.bytes().size(), 64U);
  EXPECT_EQ(Identity{"mote-3"}, Identity{"mote-3"});
  EXPECT_FALSE(Identity{"mote-3"} == Identity{"mote-30"});
}

TEST(ClientIds, BelongToTheIdentityBeforeTheTilde) {
  EXPECT_TRUE(owns_client_id("mote-3", "mote-3"));
  EXPECT_TRUE(owns_client_id("mote-3", "mote-3~"));
  EXPECT_TRUE(owns_client_id("mote-3", "mote-3~status~2"));
  EXPECT_FALSE(owns_client_id("mote-3", "mote-30"));
  EXPECT_FALSE(owns_client_id("mote-3", "mote-"));
  EXPECT_FALSE(owns_client_id("mote-3", "mote-4~mote-3"));
  EXPECT_FALSE(owns_client_id("mote-3", ""));
  EXPECT_FALSE(owns_client_id("", "~x"));
  EXPECT_FALSE(owns_client_id("", ""));
}

TEST(ClientIds, HaveTheOwnerThatOwnsThem) {
  EXPECT_EQ(owner_of("mote-3"), "mote-3");
  EXPECT_EQ(owner_of("mote-3~"), "mote-3");
  EXPECT_EQ(owner_of("mote-3~a~b"), "mote-3");
  EXPECT_EQ(owner_of("~0123456789abcdef"), "");
  EXPECT_EQ(owner_of(""), "");
  EXPECT_EQ(owner_of("two words~x"), "");
  EXPECT_EQ(owner_of(std::string(65, 'a')), "");
  for (const std::string_view id : {"a", "a~", "a~b", "a.b~~", "~", "", "a b"}) {
    const std::string_view owner = owner_of(id);
    EXPECT_EQ(owns_client_id(owner, id), !owner.empty()) << id;
  }
}

TEST(ClientIds, OfStrangersAreLongAndBeginWithATilde) {
  EXPECT_TRUE(is_stranger("~0123456789abcdef"));
  EXPECT_FALSE(is_stranger("~0123456789abcde"));
  EXPECT_FALSE(is_stranger("0123456789abcdefg"));
  EXPECT_FALSE(is_stranger("~0123456789abcde/"));
  EXPECT_FALSE(is_stranger(""));
}

TEST(ClientIds, HoldNothingThatATopicCannotCarry) {
  EXPECT_FALSE(is_addressable(""));
  for (unsigned code = 0; code < 256; ++code) {
    const char c = static_cast<char>(code);
    const bool refused = c == '/' || c == '+' || c == '#' || code < 0x20 || code == 0x7F;
    EXPECT_EQ(is_addressable(std::string{"a"} + c), !refused) << code;
  }
}

TEST(Kinds, AreFrozen) {
  EXPECT_EQ(name_of(Kind::device), "device");
  EXPECT_EQ(name_of(Kind::user), "user");
  EXPECT_EQ(name_of(Kind::legacy), "legacy");
  EXPECT_EQ(name_of(Kind::agent), "agent");
  EXPECT_EQ(name_of(Kind::admin), "admin");
  EXPECT_EQ(static_cast<int>(Kind::admin), 4);
}

}  // namespace
}  // namespace countersign::test
