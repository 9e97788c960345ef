#include "countersign/bytes.hpp"

#include <gtest/gtest.h>

#include "unit/vector_file.hpp"

namespace countersign::test {
namespace {

TEST(Vbi, AgreesWithTheVectorsBothWays) {
  for (const VectorFile& v : vectors("vbi_accept")) {
    SCOPED_TRACE(v.name());
    Reader in{v.body()};
    EXPECT_EQ(in.vbi(), v.number("value"));
    EXPECT_TRUE(in.done());

    Bytes<kMaxVbiBytes> room;
    Writer out{room};
    out.vbi(v.number("value"));
    EXPECT_TRUE(out.ok());
    EXPECT_EQ(hex(out.written()), hex(v.body()));
    EXPECT_EQ(vbi_size(v.number("value")), v.body().size());
  }
}

TEST(Vbi, RefusesWhatTheVectorsRefuse) {
  for (const VectorFile& v : vectors("vbi_refuse")) {
    SCOPED_TRACE(v.name());
    Reader in{v.body()};
    EXPECT_EQ(in.vbi(), 0U);
    EXPECT_FALSE(in.ok());
  }
}

TEST(Vbi, IsNoLongerThanItsReaderAllows) {
  const Octets three = from_hex("808001");
  Reader two{three};
  EXPECT_EQ(two.vbi(2), 0U);
  EXPECT_FALSE(two.ok());
  Reader all{three};
  EXPECT_EQ(all.vbi(3), 16'384U);
  EXPECT_TRUE(all.done());
}

TEST(Vbi, OfTooGreatANumberIsNotWritten) {
  Bytes<8> room;
  Writer out{room};
  out.vbi(kMaxVbi + 1);
  EXPECT_FALSE(out.ok());
}

TEST(Reader, StaysBadAfterAnOverrun) {
  const Octets bytes = from_hex("01020304");
  Reader in{bytes};
  EXPECT_EQ(in.be<std::uint16_t>(), 0x0102U);
  EXPECT_EQ(in.be<std::uint32_t>(), 0U);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.be<std::uint8_t>(), 0U);
  EXPECT_EQ(in.vbi(), 0U);
  EXPECT_TRUE(in.rest().empty());
  EXPECT_TRUE(in.take_back(1).empty());
  EXPECT_EQ(in.array<2>(), Bytes<2>{});
  EXPECT_FALSE(in.done());
}

TEST(Reader, IsNotDoneBeforeTheEnd) {
  const Octets bytes = from_hex("0102");
  Reader in{bytes};
  static_cast<void>(in.be<std::uint8_t>());
  EXPECT_TRUE(in.ok());
  EXPECT_FALSE(in.done());
  static_cast<void>(in.be<std::uint8_t>());
  EXPECT_TRUE(in.done());
}

TEST(Reader, RemembersTheFrontAfterTheBackIsTaken) {
  const Octets bytes = from_hex("0102030405");
  Reader in{bytes};
  static_cast<void>(in.be<std::uint16_t>());
  EXPECT_EQ(hex(in.take_back(2)), "0405");
  EXPECT_EQ(hex(in.read()), "0102");
  EXPECT_EQ(hex(in.rest()), "03");
  EXPECT_EQ(hex(in.read()), "010203");
}

TEST(Reader, TakesCountedFieldsOnlyWhole) {
  const Octets bytes = from_hex(
      "026162"
      "0001"
      "63"
      "03"
      "6465");
  Reader in{bytes};
  EXPECT_EQ(text_of(in.s8()), "ab");
  EXPECT_EQ(text_of(in.s16()), "c");
  EXPECT_TRUE(in.s8().empty());
  EXPECT_FALSE(in.ok());
}

TEST(Writer, WritesWhatTheReaderReads) {
  Bytes<64> room;
  Writer out{room};
  out.be(std::uint8_t{1}).be(std::uint16_t{0x0203}).be(std::uint32_t{0x04050607});
  out.be(std::uint64_t{0x08090a0b0c0d0e0f}).s8(bytes_of("x")).s16(bytes_of("yz"));
  ASSERT_TRUE(out.ok());
  EXPECT_EQ(hex(out.written()), "0102030405060708090a0b0c0d0e0f01780002797a");
  Reader in{out.written()};
  EXPECT_EQ(in.be<std::uint8_t>(), 1U);
  EXPECT_EQ(in.be<std::uint16_t>(), 0x0203U);
  EXPECT_EQ(in.be<std::uint32_t>(), 0x04050607U);
  EXPECT_EQ(in.be<std::uint64_t>(), 0x08090a0b0c0d0e0fU);
  EXPECT_EQ(text_of(in.s8()), "x");
  EXPECT_EQ(text_of(in.s16()), "yz");
  EXPECT_TRUE(in.done());
}

TEST(Writer, StaysBadWhenTheRoomEnds) {
  Bytes<3> room{};
  Writer out{room};
  out.be(std::uint16_t{0x0102}).be(std::uint16_t{0x0304});
  EXPECT_FALSE(out.ok());
  EXPECT_TRUE(out.claim(0).empty());
  out.be(std::uint8_t{5});
  EXPECT_LE(out.written().size(), room.size());
  EXPECT_FALSE(out.ok());
}

TEST(Writer, RefusesFieldsLongerThanTheirCount) {
  Octets room(70'000);
  const Octets long8(256);
  const Octets long16(65'536);
  EXPECT_FALSE(Writer{room}.s8(long8).ok());
  EXPECT_TRUE(Writer{room}.s8(ByteView{long8}.first(255)).ok());
  EXPECT_FALSE(Writer{room}.s16(long16).ok());
  EXPECT_TRUE(Writer{room}.s16(ByteView{long16}.first(65'535)).ok());
}

TEST(Writer, ClaimsNoMoreThanThereIs) {
  Bytes<4> room;
  Writer out{room};
  EXPECT_EQ(out.claim(3).data(), room.data());
  EXPECT_TRUE(out.claim(2).empty());
  EXPECT_FALSE(out.ok());
}

TEST(SameTag, SeesEveryBit) {
  const Octets tag = from_hex("00112233445566778899aabbccddeeff");
  EXPECT_TRUE(same_tag(tag, octets(tag)));
  for (std::size_t i = 0; i < tag.size() * 8; ++i) {
    EXPECT_FALSE(same_tag(tag, flipped(tag, i))) << i;
    EXPECT_FALSE(same_tag(flipped(tag, i), tag)) << i;
  }
}

TEST(SameTag, NeedsTheSameLength) {
  const Octets tag(16);
  EXPECT_FALSE(same_tag(tag, ByteView{tag}.first(8)));
  EXPECT_FALSE(same_tag(ByteView{tag}.first(8), tag));
  EXPECT_FALSE(same_tag(tag, {}));
}

TEST(Wipe, LeavesOnlyZeroes) {
  Octets secret(100, std::byte{0xA5});
  wipe(MutableBytes{secret}.subspan(1, 98));
  EXPECT_EQ(secret.front(), std::byte{0xA5});
  EXPECT_EQ(secret.back(), std::byte{0xA5});
  EXPECT_EQ(ByteView{secret}.subspan(1, 98).size(), 98U);
  for (std::size_t i = 1; i < 99; ++i) {
    EXPECT_EQ(secret[i], std::byte{0});
  }
  wipe({});
}

TEST(BigEndian, PutsTheGreatestByteFirst) {
  EXPECT_EQ(hex(be16(0x0102)), "0102");
  EXPECT_EQ(hex(be32(0x01020304)), "01020304");
  EXPECT_EQ(hex(be32(0xFF00FF00)), "ff00ff00");
}

TEST(Text, IsCutWithoutOverrun) {
  EXPECT_EQ(head_of("abc", 2), "ab");
  EXPECT_EQ(head_of("abc", 9), "abc");
  EXPECT_EQ(tail_of("abc", 2), "c");
  EXPECT_EQ(tail_of("abc", 3), "");
  EXPECT_EQ(tail_of("abc", 9), "");
}

}  // namespace
}  // namespace countersign::test
