#include "openssl/crypto.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "unit/crypto_contract.hpp"

namespace countersign::test {
namespace {

class OpenSsl : public testing::Test {
 protected:
  void TearDown() override { EXPECT_EQ(ERR_peek_error(), 0U) << "an error is left in the queue"; }

  openssl::OpenSslCrypto crypto_;
};

const openssl::OpenSslCrypto kCrypto;
INSTANTIATE_TEST_SUITE_P(OpenSsl, CryptoContract, testing::Values(&kCrypto));

// the host's TLS asks the queue after each read, and would close an innocent connection
TEST_F(OpenSsl, LeavesNoErrorForTheHostToFind) {
  Key32 out;
  EXPECT_FALSE(crypto_.dh_shared(Key32{Bytes<32>{std::byte{8}}}, Point{}, out));
  EXPECT_EQ(ERR_peek_error(), 0U);
  Octets plain(4);
  EXPECT_FALSE(crypto_.open({}, {}, {}, octets("text"), Tag{}, plain));
  EXPECT_EQ(ERR_peek_error(), 0U);
  Digest digest;
  EXPECT_FALSE(openssl::OpenSslMacKey{}.sign({}, digest));
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST_F(OpenSsl, KeepsTheErrorsOfTheHost) {
  ERR_raise(ERR_LIB_USER, 7);
  Key32 out;
  EXPECT_FALSE(crypto_.dh_shared(Key32{Bytes<32>{std::byte{8}}}, Point{}, out));
  EXPECT_EQ(ERR_GET_REASON(ERR_get_error()), 7);
}

TEST_F(OpenSsl, MacKeySignsManyTimesAsHmacDoes) {
  const Key32 key{Bytes<32>{std::byte{1}, std::byte{2}}};
  const openssl::OpenSslMacKey mac{key};
  for (std::size_t size = 0; size < 200; ++size) {
    const Octets data(size, std::byte{5});
    const std::array<ByteView, 3> parts{bytes_of("x"), ByteView{}, ByteView{data}};
    Digest once;
    Digest again;
    ASSERT_TRUE(mac.sign(parts, once));
    ASSERT_TRUE(crypto_.hmac(key.bytes(), parts, again));
    EXPECT_EQ(once, again);
  }
}

TEST_F(OpenSsl, MacKeyWithoutAKeySignsNothing) {
  Digest out;
  EXPECT_FALSE(openssl::OpenSslMacKey{}.sign({}, out));
}

TEST_F(OpenSsl, RandomDoesNotRepeat) {
  openssl::OpenSslRandom random;
  Bytes<32> a{};
  Bytes<32> b{};
  ASSERT_TRUE(random.fill(a));
  ASSERT_TRUE(random.fill(b));
  EXPECT_NE(a, b);
  EXPECT_NE(a, Bytes<32>{});
  EXPECT_TRUE(random.fill({}));
}

}  // namespace
}  // namespace countersign::test
