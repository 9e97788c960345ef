#include "countersign/keys.hpp"

#include <gtest/gtest.h>

#include "openssl/crypto.hpp"
#include "unit/vector_file.hpp"

namespace countersign::test {
namespace {

class Keys : public testing::Test {
 protected:
  openssl::OpenSslCrypto crypto_;
};

TEST_F(Keys, AreExpandedAsTheVectorsSay) {
  for (const VectorFile& v : vectors("expand_")) {
    SCOPED_TRACE(v.name());
    const Octets context = v.bytes("context");
    const std::array<ByteView, 1> parts{context};
    Key32 out;
    ASSERT_TRUE(expand(crypto_, v.bytes("key"), v.text("label"), parts, out));
    EXPECT_EQ(hex(out.bytes()), hex(v.body()));
    Key16 half;
    ASSERT_TRUE(expand16(crypto_, v.bytes("key"), v.text("label"), parts, half));
    EXPECT_EQ(hex(half.bytes()), hex(v.body().first(16)));
  }
}

TEST_F(Keys, DoNotDependOnHowTheContextIsCut) {
  const Octets key(32, std::byte{7});
  const std::array<ByteView, 1> whole{bytes_of("abcdef")};
  const std::array<ByteView, 4> cut{bytes_of("a"), ByteView{}, bytes_of("bcde"), bytes_of("f")};
  Key32 first;
  Key32 second;
  ASSERT_TRUE(expand(crypto_, key, "label", whole, first));
  ASSERT_TRUE(expand(crypto_, key, "label", cut, second));
  EXPECT_EQ(hex(first.bytes()), hex(second.bytes()));
}

TEST_F(Keys, RefuseAContextOfTooManyParts) {
  const Octets key(32);
  const std::array<ByteView, 5> parts{};
  Key32 out;
  EXPECT_TRUE(expand(crypto_, key, "label", Parts{parts}.first(4), out));
  EXPECT_FALSE(expand(crypto_, key, "label", parts, out));
}

TEST_F(Keys, AreExtractedAndExpandedAsRfc5869Says) {
  for (const VectorFile& v : vectors("hkdf_")) {
    SCOPED_TRACE(v.name());
    const Octets ikm = v.bytes("ikm");
    const Octets info = v.bytes("info");
    const std::array<ByteView, 2> parts{ByteView{ikm}.first(3), ByteView{ikm}.subspan(3)};
    Key32 out;
    ASSERT_TRUE(hkdf(crypto_, v.bytes("salt"), parts, text_of(info), out));
    EXPECT_EQ(hex(out.bytes()), hex(v.body()));
    EXPECT_EQ(hex(out.bytes()), v.text("okm").substr(0, 64));
  }
}

TEST_F(Keys, OfASessionAreThoseOfTheVectors) {
  for (const VectorFile& v : vectors("aplus_accept")) {
    SCOPED_TRACE(v.name());
    DirectionKey up;
    DirectionKey down;
    ASSERT_TRUE(derive(crypto_, v.key("sk"), Direction::up, up));
    ASSERT_TRUE(derive(crypto_, v.key("sk"), Direction::down, down));
    EXPECT_EQ(hex(up.mac.bytes()), v.text("up_mac"));
    EXPECT_EQ(hex(up.enc.bytes()), v.text("up_enc"));
    EXPECT_EQ(hex(up.iv.bytes()), v.text("up_iv"));
    EXPECT_EQ(hex(down.mac.bytes()), v.text("down_mac"));
    EXPECT_EQ(hex(down.enc.bytes()), v.text("down_enc"));
    EXPECT_EQ(hex(down.iv.bytes()), v.text("down_iv"));
  }
}

TEST_F(Keys, OfACardAreThoseOfTheVectors) {
  const auto check = [this](ByteView key, std::string_view label, ByteView context,
                            const std::string& expected) {
    const std::array<ByteView, 1> parts{context};
    Key32 out;
    ASSERT_TRUE(expand(crypto_, key, label, parts, out));
    EXPECT_EQ(hex(out.bytes()), expected);
  };
  for (const VectorFile& v : vectors("card_checksum")) {
    SCOPED_TRACE(v.name());
    check(v.bytes("k"), "card cc", {}, v.text("k_cc"));
    const Bytes<4> counter = be32(v.number("card_counter"));
    const Octets digest = v.bytes("digest");
    const std::array<ByteView, 2> parts{counter, digest};
    Digest tag;
    ASSERT_TRUE(crypto_.hmac(v.bytes("k_cc"), parts, tag));
    EXPECT_EQ(hex(ByteView{tag}.first(16)), hex(v.body()));
  }
}

TEST_F(Keys, WipeTheirCopies) {
  alignas(Key32) Bytes<sizeof(Key32)> room{};
  auto* const key = new (room.data()) Key32{Bytes<32>{std::byte{1}, std::byte{2}}};
  EXPECT_EQ(key->bytes()[1], std::byte{2});
  key->~Key32();
  // read through volatile: the object is gone, its storage is ours
  const volatile std::byte* const left = room.data();
  for (std::size_t i = 0; i < room.size(); ++i) {
    EXPECT_EQ(std::byte{left[i]}, std::byte{0}) << i;
  }
}

}  // namespace
}  // namespace countersign::test
