#pragma once

#include <gtest/gtest.h>

#include <array>

#include "countersign/crypto.hpp"
#include "unit/vector_file.hpp"

// What every backend of `Crypto` must do. Each has one file of tests that includes this and
// instantiates CryptoContract.
namespace countersign::test {

class CryptoContract : public testing::TestWithParam<const Crypto*> {
 protected:
  const Crypto& crypto_ = *GetParam();
};

TEST_P(CryptoContract, AgreesWithRfc4231) {
  for (const VectorFile& v : vectors("hmac_")) {
    SCOPED_TRACE(v.name());
    const Octets data = v.bytes("data");
    const std::array<ByteView, 2> parts{ByteView{data}.first(1), ByteView{data}.subspan(1)};
    Digest out;
    ASSERT_TRUE(crypto_.hmac(v.bytes("key"), parts, out));
    EXPECT_EQ(hex(ByteView{out}.first(v.body().size())), hex(v.body()));
  }
}

TEST_P(CryptoContract, AcceptsAnEmptyHmacKey) {
  // HMAC-SHA-256 of nothing under nothing, as Python's hmac gives it
  constexpr auto kExpected = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
  Digest out;
  const Octets other(32, std::byte{9});
  ASSERT_TRUE(crypto_.hmac(other, {}, out));
  ASSERT_TRUE(crypto_.hmac({}, {}, out));
  EXPECT_EQ(hex(out), kExpected) << "an empty key must not mean the one before";
}

TEST_P(CryptoContract, HashesAsFips180Says) {
  Digest out;
  ASSERT_TRUE(crypto_.sha256({}, out));
  EXPECT_EQ(hex(out), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  const std::array<ByteView, 3> abc{bytes_of("a"), ByteView{}, bytes_of("bc")};
  ASSERT_TRUE(crypto_.sha256(abc, out));
  EXPECT_EQ(hex(out), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_P(CryptoContract, AgreesWithTheGcmTestCasesBothWays) {
  for (const VectorFile& v : vectors("gcm_")) {
    SCOPED_TRACE(v.name());
    const Key16 key{v.array<16>("key")};
    const Nonce nonce = v.array<kNonceBytes>("iv");
    const Octets aad = v.bytes("aad");
    const Octets plain = v.bytes("plain");
    const std::array<ByteView, 1> parts{aad};
    Octets body(plain.size());
    Tag tag;
    ASSERT_TRUE(crypto_.seal(key, nonce, parts, plain, body, tag));
    EXPECT_EQ(hex(body), v.text("cipher"));
    EXPECT_EQ(hex(tag), v.text("tag"));
    EXPECT_EQ(hex(body + tag), hex(v.body()));

    Octets opened(body.size());
    ASSERT_TRUE(crypto_.open(key, nonce, parts, body, tag, opened));
    EXPECT_EQ(hex(opened), v.text("plain"));
  }
}

TEST_P(CryptoContract, OpensNothingThatIsAltered) {
  const Key16 key;
  const Nonce nonce{};
  const Octets aad = octets("head");
  const std::array<ByteView, 1> parts{aad};
  Octets sealed = octets("plain text");
  Tag tag;
  ASSERT_TRUE(crypto_.seal(key, nonce, parts, octets(sealed), sealed, tag));
  Octets plain(sealed.size(), std::byte{1});
  const Octets blank(sealed.size());
  for (std::size_t i = 0; i < sealed.size() * 8; ++i) {
    ASSERT_FALSE(crypto_.open(key, nonce, parts, flipped(sealed, i), tag, plain));
    EXPECT_EQ(plain, blank) << "what was opened must be wiped";
  }
  for (std::size_t i = 0; i < tag.size() * 8; ++i) {
    ASSERT_FALSE(crypto_.open(key, nonce, parts, sealed, flipped(tag, i), plain));
  }
  for (std::size_t i = 0; i < aad.size() * 8; ++i) {
    const Octets other = flipped(aad, i);
    const std::array<ByteView, 1> changed{other};
    ASSERT_FALSE(crypto_.open(key, nonce, changed, sealed, tag, plain));
  }
  EXPECT_TRUE(crypto_.open(key, nonce, parts, sealed, tag, plain));
}

TEST_P(CryptoContract, OpensNoTagOfAnotherLength) {
  const Key16 key;
  Octets body = octets("text");
  Octets tag(17);
  const Octets blank(body.size());
  ASSERT_TRUE(crypto_.seal(key, {}, {}, octets(body), body, std::span{tag}.first<16>()));
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{8}, std::size_t{15}, std::size_t{17}}) {
    Octets plain(body.size(), std::byte{1});
    EXPECT_FALSE(crypto_.open(key, {}, {}, body, ByteView{tag}.first(size), plain)) << size;
    EXPECT_EQ(plain, blank) << size;
  }
}

TEST_P(CryptoContract, SealsAndOpensInPlace) {
  const Key16 key{Bytes<16>{std::byte{3}}};
  Octets buffer = octets("in and out of the same buffer, over one block");
  const Octets before = buffer;
  Octets apart(buffer.size());
  Tag tag;
  Tag tag_apart;
  ASSERT_TRUE(crypto_.seal(key, {}, {}, before, apart, tag_apart));
  ASSERT_TRUE(crypto_.seal(key, {}, {}, buffer, buffer, tag));
  EXPECT_EQ(buffer, apart);
  EXPECT_EQ(tag, tag_apart);
  ASSERT_TRUE(crypto_.open(key, {}, {}, buffer, tag, buffer));
  EXPECT_EQ(buffer, before);
}

TEST_P(CryptoContract, WantsExactRoom) {
  const Key16 key;
  const Octets plain(10);
  Octets body(9);
  Tag tag;
  EXPECT_FALSE(crypto_.seal(key, {}, {}, plain, body, tag));
  EXPECT_FALSE(crypto_.open(key, {}, {}, plain, tag, body));
}

TEST_P(CryptoContract, AgreesWithRfc7748) {
  for (const VectorFile& v : vectors("x25519_rfc7748")) {
    SCOPED_TRACE(v.name());
    Key32 scalar = v.key("scalar");
    Point point = v.array<32>("u");
    for (std::uint32_t i = 0; i < v.number("iterations"); ++i) {
      Key32 result;
      ASSERT_TRUE(crypto_.dh_shared(scalar, point, result));
      copy(scalar.bytes(), point);
      scalar = result;
    }
    EXPECT_EQ(hex(scalar.bytes()), hex(v.body()));
  }
  const auto alice = vectors("x25519_rfc7748_alice_public").front();
  Point point;
  ASSERT_TRUE(crypto_.dh_public(alice.key("scalar"), point));
  EXPECT_EQ(hex(point), hex(alice.body()));
}

TEST_P(CryptoContract, RefusesPointsOfLowOrder) {
  for (const VectorFile& v : vectors("x25519_refuse")) {
    SCOPED_TRACE(v.name());
    Key32 out;
    EXPECT_FALSE(crypto_.dh_shared(v.key("scalar"), v.array<32>("u"), out));
  }
}

TEST_P(CryptoContract, TakesWhatIsAuthenticatedInAnyParts) {
  const Key16 key{Bytes<16>{std::byte{7}}};
  const Octets aad = octets("forty bytes of head, over two whole blocks");
  const Octets plain = octets("text");
  const std::array<ByteView, 1> whole{aad};
  Octets body(plain.size());
  Tag tag;
  ASSERT_TRUE(crypto_.seal(key, {}, whole, plain, body, tag));
  for (std::size_t i = 0; i <= aad.size(); ++i) {
    for (std::size_t j = i; j <= aad.size(); ++j) {
      const ByteView view{aad};
      const std::array<ByteView, 3> parts{view.first(i), view.subspan(i, j - i), view.subspan(j)};
      Octets opened(body.size());
      ASSERT_TRUE(crypto_.open(key, {}, parts, body, tag, opened)) << i << ' ' << j;
      ASSERT_EQ(opened, plain);
    }
  }
}

TEST_P(CryptoContract, SealsNothingButWhatIsAuthenticated) {
  const Key16 key;
  const std::array<ByteView, 1> aad{bytes_of("seventeen bytes..")};
  Tag tag;
  ASSERT_TRUE(crypto_.seal(key, {}, aad, {}, {}, tag));
  EXPECT_TRUE(crypto_.open(key, {}, aad, {}, tag, {}));
  EXPECT_FALSE(crypto_.open(key, {}, {}, {}, tag, {}));
}

}  // namespace countersign::test
