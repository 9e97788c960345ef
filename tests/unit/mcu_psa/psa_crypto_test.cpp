#include "vault/psa_crypto.hpp"

#include "countersign/aplus.hpp"
#include "countersign/keys.hpp"
#include "openssl/crypto.hpp"
#include "unit/crypto_contract.hpp"
#include "unit/scripted_random.hpp"
#include "vault/midstate_mac.hpp"

namespace countersign::mcu::test {
namespace {

using countersign::test::CryptoContract;
using countersign::test::hex;
using countersign::test::Octets;
using countersign::test::ScriptedRandom;
using countersign::test::VectorFile;
using countersign::test::vectors;

const PsaCrypto kCrypto;
INSTANTIATE_TEST_SUITE_P(Psa, CryptoContract, testing::Values(&kCrypto));

TEST(MidstateMac, SignsAsHmacDoesAgainAndAgain) {
  const openssl::OpenSslCrypto other;
  const Key32 key{Bytes<32>{std::byte{1}, std::byte{2}}};
  MidstateMac mac;
  ASSERT_TRUE(mac.prepare(key));
  for (std::size_t size = 0; size < 200; ++size) {
    const Octets data(size, std::byte{5});
    const std::array<ByteView, 3> parts{bytes_of("x"), ByteView{}, ByteView{data}};
    Digest ours;
    Digest theirs;
    ASSERT_TRUE(mac.sign(parts, ours));
    ASSERT_TRUE(other.hmac(key.bytes(), parts, theirs));
    ASSERT_EQ(ours, theirs) << size;
  }
}

TEST(MidstateMac, SignsNothingWithoutAKey) {
  MidstateMac mac;
  Digest out;
  EXPECT_FALSE(mac.sign({}, out));
  ASSERT_TRUE(mac.prepare(Key32{}));
  EXPECT_TRUE(mac.sign({}, out));
  mac.forget();
  EXPECT_FALSE(mac.sign({}, out));
}

TEST(MidstateMac, LeavesNothingOfAKeyItForgot) {
  const Key32 key{Bytes<32>{std::byte{0xA5}}};
  MidstateMac mac;
  ASSERT_TRUE(mac.prepare(key));
  const ByteView state =
      std::as_bytes(std::span{&mac, 1}).subspan(sizeof(void*), 2 * sizeof(Sha256));
  const Octets blank(state.size());
  EXPECT_NE(hex(state), hex(blank));
  mac.forget();
  EXPECT_EQ(hex(state), hex(blank));
}

TEST(PsaCrypto, DeviceWritesEveryByteOfTheHandshakeVectors) {
  for (const VectorFile& v : vectors("aplus_accept")) {
    SCOPED_TRACE(v.name());
    HandshakeKey key{
        .epoch = v.number("epoch"), .r1 = v.array<kChallengeBytes>("r1"), .hk = Key32{}};
    ASSERT_TRUE(derive_handshake_key(kCrypto, v.key("k"), v.text("ida"), v.text("idt"), key));
    Octets script = v.bytes(v.number("suite") == 1 ? "n1_private" : "n1");
    const Octets n3 = v.bytes("n3");
    script.insert(script.end(), n3.begin(), n3.end());
    ScriptedRandom random{script};
    AplusInitiator device;
    const auto m1 = device.start(kCrypto, random, key, v.text("ida"), v.text("idt"),
                                 static_cast<Suite>(v.number("suite")));
    ASSERT_TRUE(m1);
    EXPECT_EQ(hex(*m1), v.text("m1"));
    const auto m3 = device.answer(kCrypto, random, v.bytes("m2"));
    ASSERT_TRUE(m3);
    EXPECT_EQ(hex(*m3), v.text("m3"));
    ASSERT_TRUE(device.finish(kCrypto, v.bytes("finished")));
    EXPECT_EQ(hex(device.agreement().sk.bytes()), v.text("sk"));
  }
}

}  // namespace
}  // namespace countersign::mcu::test
