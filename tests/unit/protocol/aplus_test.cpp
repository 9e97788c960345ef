#include "countersign/aplus.hpp"

#include <gtest/gtest.h>

#include "countersign/keys.hpp"
#include "unit/protocol/handshake_scene.hpp"
#include "unit/vector_file.hpp"

namespace countersign::test {
namespace {

HandshakeKey handshake_key(const VectorFile& v) {
  return {.epoch = v.number("epoch"),
          .r1 = v.array<kChallengeBytes>("r1"),
          .hk = v.has("hk") ? v.key("hk") : Key32{}};
}

Suite suite_of(const VectorFile& v) { return static_cast<Suite>(v.number("suite")); }

/// What A draws: its secret or N1, then N3.
Octets device_script(const VectorFile& v) {
  return v.bytes(v.number("suite") == 1 ? "n1_private" : "n1") + v.bytes("n3");
}
/// What T draws: r2, then its secret or N2.
Octets server_script(const VectorFile& v) {
  return v.bytes("r2") + v.bytes(v.number("suite") == 1 ? "n2_private" : "n2");
}

class Aplus : public testing::Test {
 protected:
  openssl::OpenSslCrypto crypto_;
};

TEST_F(Aplus, DeviceWritesEveryByteOfTheVectors) {
  for (const VectorFile& v : vectors("aplus_accept")) {
    SCOPED_TRACE(v.name());
    HandshakeKey key = handshake_key(v);
    key.hk = {};
    ASSERT_TRUE(derive_handshake_key(crypto_, v.key("k"), v.text("ida"), v.text("idt"), key));
    EXPECT_EQ(hex(key.hk.bytes()), v.text("hk"));

    ScriptedRandom random{device_script(v)};
    AplusInitiator device;
    const auto m1 = device.start(crypto_, random, key, v.text("ida"), v.text("idt"), suite_of(v));
    ASSERT_TRUE(m1);
    EXPECT_EQ(hex(*m1), v.text("m1"));
    const auto m3 = device.answer(crypto_, random, v.bytes("m2"));
    ASSERT_TRUE(m3);
    EXPECT_EQ(hex(*m3), v.text("m3"));
    const auto receipt = device.finish(crypto_, v.bytes("finished"));
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->kid, v.number("receipt_kid"));
    EXPECT_EQ(receipt->accepted.edge, v.number("receipt_edge"));
    EXPECT_EQ(receipt->accepted.bitmap, std::stoull(v.text("receipt_bitmap"), nullptr, 16));
    EXPECT_EQ(hex(device.agreement().sk.bytes()), v.text("sk"));
    EXPECT_EQ(hex(device.agreement().auth_code), v.text("auth_code"));
    EXPECT_EQ(device.agreement().kid, v.number("kid"));
    EXPECT_TRUE(random.spent());
  }
}

TEST_F(Aplus, ServerWritesEveryByteOfTheVectors) {
  for (const VectorFile& v : vectors("aplus_accept")) {
    SCOPED_TRACE(v.name());
    const Octets m1 = v.bytes("m1");
    const auto first = parse_first(m1);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->identity, v.text("ida"));
    EXPECT_EQ(first->server_id, v.text("idt"));
    EXPECT_EQ(first->epoch, v.number("epoch"));
    EXPECT_EQ(hex(first->r1), v.text("r1"));

    ScriptedRandom random{server_script(v)};
    AplusResponder server;
    ASSERT_EQ(server.open(crypto_, v.key("k"), *first), Refusal::none);
    EXPECT_EQ(hex(server.first_digest()), v.text("th1"));
    const auto m2 = server.answer(crypto_, random, v.array<kAuthCodeBytes>("auth_code"),
                                  static_cast<std::uint16_t>(v.number("kid")));
    ASSERT_TRUE(m2);
    EXPECT_EQ(hex(*m2), v.text("m2"));
    ASSERT_EQ(server.accept(crypto_, v.bytes("m3")), Refusal::none);
    EXPECT_EQ(hex(server.agreement().sk.bytes()), v.text("sk"));
    Receipt receipt;
    receipt.kid = static_cast<std::uint16_t>(v.number("receipt_kid"));
    receipt.accepted.edge = v.number("receipt_edge");
    receipt.accepted.bitmap = std::stoull(v.text("receipt_bitmap"), nullptr, 16);
    const auto finished = server.finish(crypto_, receipt);
    ASSERT_TRUE(finished);
    EXPECT_EQ(hex(*finished), v.text("finished"));
    EXPECT_TRUE(random.spent());
  }
}

TEST_F(Aplus, HandshakeKeyIsTheCards) {
  for (const VectorFile& v : vectors("card_handshake_key")) {
    SCOPED_TRACE(v.name());
    HandshakeKey key = handshake_key(v);
    ASSERT_TRUE(derive_handshake_key(crypto_, v.key("k"), v.text("ida"), v.text("idt"), key));
    const Bytes<4> epoch = be32(key.epoch);
    EXPECT_EQ(hex(octets(epoch) + key.r1 + key.hk.bytes()), hex(v.body()));
  }
}

/// T's answer to an m1 that somebody made who knows k: the keys are right, the rest need not be.
Refusal play_on(const Crypto& crypto, AplusResponder& server, const VectorFile& v) {
  SeededRandom random;
  const auto m2 = server.answer(crypto, random, {}, 1);
  if (!m2) {
    return m2.why();
  }
  const auto first = parse_first(v.body());
  HandshakeKey key{.epoch = first->epoch, .r1 = first->r1, .hk = {}};
  Key16 k3;
  Digest th2;
  const std::array<ByteView, 2> chain{server.first_digest(), *m2};
  EXPECT_TRUE(derive_handshake_key(crypto, v.key("k"), first->identity, first->server_id, key));
  EXPECT_TRUE(crypto.sha256(chain, th2));
  const std::array<ByteView, 1> context{th2};
  EXPECT_TRUE(expand16(crypto, key.hk.bytes(), "a+ 3", context, k3));
  Octets m3 = from_hex(v.number("suite") == 1 ? "1301" : "1302");
  const Octets head = m3;
  const std::array<ByteView, 1> aad{head};
  m3.resize(kThirdBytes);
  const std::span<std::byte> tail{m3};
  EXPECT_TRUE(crypto.seal(k3, {}, aad, Octets(32), tail.subspan(2, 32), tail.last<16>()));
  return server.accept(crypto, m3);
}

TEST_F(Aplus, RefusesEveryFirstMessageOfTheVectors) {
  for (const VectorFile& v : vectors("aplus_refuse_m1")) {
    SCOPED_TRACE(v.name());
    AplusResponder server;
    const auto first = parse_first(v.body());
    Refusal why = first.why();
    if (first && first->server_id != v.text("idt")) {
      why = Refusal::bad_handshake;  // the caller knows its own name
    } else if (first) {
      why = server.open(crypto_, v.key("k"), *first);
    }
    if (why == Refusal::none) {
      why = play_on(crypto_, server, v);  // a point of low order shows when it is used
    }
    EXPECT_EQ(why, v.expected());
    EXPECT_FALSE(server.accepted());
  }
}

TEST_F(Aplus, RefusesEverySecondMessageOfTheVectors) {
  for (const VectorFile& v : vectors("aplus_refuse_m2")) {
    SCOPED_TRACE(v.name());
    HandshakeKey key = handshake_key(v);
    ASSERT_TRUE(derive_handshake_key(crypto_, v.key("k"), v.text("ida"), v.text("idt"), key));
    ScriptedRandom random{device_script(v)};
    AplusInitiator device;
    const auto m1 = device.start(crypto_, random, key, v.text("ida"), v.text("idt"), suite_of(v));
    ASSERT_EQ(hex(*m1), v.text("m1"));
    EXPECT_EQ(device.answer(crypto_, random, v.body()).why(), v.expected());
    EXPECT_FALSE(device.answered());
    EXPECT_TRUE(device.third().empty());
  }
}

TEST_F(Aplus, RefusesEveryThirdMessageOfTheVectors) {
  for (const VectorFile& v : vectors("aplus_refuse_m3")) {
    SCOPED_TRACE(v.name());
    const Octets m1 = v.bytes("m1");
    ScriptedRandom random{server_script(v)};
    AplusResponder server;
    ASSERT_EQ(server.open(crypto_, v.key("k"), *parse_first(m1)), Refusal::none);
    const auto m2 = server.answer(crypto_, random, v.array<kAuthCodeBytes>("auth_code"),
                                  static_cast<std::uint16_t>(v.number("kid")));
    ASSERT_EQ(hex(*m2), v.text("m2"));
    EXPECT_EQ(server.accept(crypto_, v.body()), v.expected());
    EXPECT_FALSE(server.accepted());
    EXPECT_EQ(server.finish(crypto_, {}).why(), Refusal::internal);
  }
}

TEST_F(Aplus, RefusesEveryFinishedOfTheVectors) {
  for (const VectorFile& v : vectors("aplus_refuse_finished")) {
    SCOPED_TRACE(v.name());
    HandshakeKey key = handshake_key(v);
    ASSERT_TRUE(derive_handshake_key(crypto_, v.key("k"), v.text("ida"), v.text("idt"), key));
    ScriptedRandom random{device_script(v)};
    AplusInitiator device;
    ASSERT_TRUE(device.start(crypto_, random, key, v.text("ida"), v.text("idt"), suite_of(v)));
    const auto m3 = device.answer(crypto_, random, v.bytes("m2"));
    ASSERT_EQ(hex(*m3), v.text("m3"));
    EXPECT_EQ(device.finish(crypto_, v.body()).why(), v.expected());
  }
}

}  // namespace
}  // namespace countersign::test
