#include "countersign/client/session/live_session.hpp"

#include <gtest/gtest.h>

#include "countersign/base64url.hpp"
#include "countersign/resume.hpp"
#include "openssl/crypto.hpp"
#include "unit/octets.hpp"
#include "unit/scripted_random.hpp"

namespace countersign::client {
namespace {

using countersign::test::flipped;
using countersign::test::Octets;
using countersign::test::octets;

/// A card's checksum as docs/protocol.md, section 9, has it, with the key in the open.
class OpenCard final : public KeySource {
 public:
  const Identity& identity() const override { return identity_; }
  Outcome<HandshakeKey> next_handshake_key(std::string_view) override {
    return Error{Fault::card, "not asked for"};
  }
  bool signs_on_card() const override { return true; }
  Outcome<Checksum> checksum(const Digest& digest) override {
    Checksum out{.counter = ++counter, .tag = {}};
    Digest full;
    const Bytes<4> number = be32(counter);
    const std::array<ByteView, 2> parts{number, digest};
    if (!crypto.hmac(k_cc.bytes(), parts, full)) {
      return Error{Fault::card, "no"};
    }
    copy(full, out.tag);
    return out;
  }

  openssl::OpenSslCrypto crypto;
  Key32 k_cc;
  std::uint32_t counter = 6;

 private:
  Identity identity_{"mote-3"};
};

class ALiveSession : public testing::Test {
 protected:
  ALiveSession() {
    EXPECT_TRUE(random.fill(agreement.sk.fill()));
    agreement.kid = 300;
    session = LiveSession::open(crypto, agreement);
    EXPECT_TRUE(derive(crypto, agreement.sk, Direction::up, up));
    EXPECT_TRUE(derive(crypto, agreement.sk, Direction::down, down));
  }

  Octets from_server(std::uint32_t seq, std::string_view payload, std::uint8_t flags = 0,
                     std::string_view topic = "t") {
    Octets room(payload.size() + kMaxEnvelopeBytes);
    const auto wire = write_envelope(crypto, down, {.flags = flags, .kid = 300, .seq = seq},
                                     {bytes_of(topic), {}}, bytes_of(payload), room);
    return octets(*wire);
  }

  SignedMessage sign(std::string_view payload, const PublishOptions& options = {}) {
    auto out = session->sign(crypto, card, "plant/t", {}, bytes_of(payload), options);
    EXPECT_TRUE(out);
    return *out;
  }

  const MessageContext context{bytes_of("plant/t"), {}};
  openssl::OpenSslCrypto crypto;
  countersign::test::SeededRandom random;
  Agreement agreement;
  DirectionKey up;
  DirectionKey down;
  OpenCard card;
  std::unique_ptr<LiveSession> session;
};

TEST_F(ALiveSession, SignsWithRisingSeq) {
  const openssl::OpenSslMacKey key{up.mac};
  for (std::uint32_t seq = 1; seq < 200; ++seq) {
    const SignedMessage message = sign("21.5");
    const auto claim = parse_envelope(message.payload);
    ASSERT_TRUE(claim);
    EXPECT_EQ(claim->header.seq, seq);
    EXPECT_EQ(claim->header.kid, 300);
    EXPECT_EQ(verify(key, *claim, context), Refusal::none);
  }
}

TEST_F(ALiveSession, SealsInBothForms) {
  for (const Form form : {Form::payload, Form::property}) {
    PublishOptions options;
    options.sealed = true;
    options.form = form;
    const SignedMessage message = sign("secret", options);
    EXPECT_EQ(text_of(message.payload).find("secret"), std::string_view::npos);
    Bytes<64> room;
    ByteView property;
    ASSERT_EQ(decode_base64url(message.cs1, room, property), true);
    const auto claim = form == Form::payload ? parse_envelope(message.payload)
                                             : parse_property(property, message.payload);
    ASSERT_TRUE(claim);
    Octets plain(claim->body.size());
    EXPECT_EQ(open_envelope(crypto, up, *claim, context, plain), Refusal::none);
    EXPECT_EQ(text_of(plain), "secret");
  }
}

TEST_F(ALiveSession, LetsTheCardSign) {
  Key32 bind;
  ASSERT_TRUE(expand(crypto, agreement.sk.bytes(), "card bind", {}, bind));
  for (const Form form : {Form::payload, Form::property}) {
    PublishOptions options;
    options.on_card = true;
    options.form = form;
    const SignedMessage message = sign("21.5", options);
    Bytes<64> room;
    ByteView property;
    ASSERT_TRUE(decode_base64url(message.cs1, room, property));
    const auto claim = form == Form::payload ? parse_envelope(message.payload)
                                             : parse_property(property, message.payload);
    ASSERT_TRUE(claim);
    EXPECT_EQ(claim->header.card_counter, card.counter);
    EXPECT_EQ(verify_on_card(crypto, card.k_cc, bind, *claim, context), Refusal::none);
  }
}

TEST_F(ALiveSession, OpensWhatTheServerSignsOnce) {
  const Octets wire = from_server(5, "{}");
  const auto down_message = session->open_down(crypto, "t", wire);
  EXPECT_EQ(down_message.why, Refusal::none);
  EXPECT_EQ(text_of(down_message.payload), "{}");
  EXPECT_EQ(session->open_down(crypto, "t", wire).why, Refusal::replayed);
  EXPECT_EQ(session->open_down(crypto, "t", from_server(4, "late")).why, Refusal::none);
  EXPECT_EQ(session->open_down(crypto, "t", from_server(1000, "x")).why, Refusal::none);
  EXPECT_EQ(session->open_down(crypto, "t", from_server(6, "old")).why, Refusal::stale);
}

TEST_F(ALiveSession, OpensSealedRepliesAndSaysSo) {
  const auto reply = session->open_down(crypto, "t", from_server(1, "{\"a\":1}", kSealed));
  EXPECT_TRUE(reply.sealed);
  EXPECT_EQ(text_of(reply.payload), "{\"a\":1}");
}

TEST_F(ALiveSession, RefusesEveryFlippedBitAndForgetsNothingByIt) {
  const Octets wire = from_server(5, "notice");
  for (std::size_t bit = 0; bit < wire.size() * 8; ++bit) {
    EXPECT_NE(session->open_down(crypto, "t", flipped(wire, bit)).why, Refusal::none) << bit;
  }
  EXPECT_EQ(session->open_down(crypto, "u", wire).why, Refusal::bad_tag) << "another topic";
  EXPECT_EQ(session->open_down(crypto, "t", wire).why, Refusal::none);
}

TEST_F(ALiveSession, ChangesNothingOnAShortTag) {
  EXPECT_EQ(session->open_down(crypto, "t", from_server(5, "x", kShortTag)).why, Refusal::denied);
  EXPECT_EQ(session->open_down(crypto, "t", from_server(5, "x")).why, Refusal::none);
}

TEST_F(ALiveSession, TakesNoMessageOfItsOwnForTheServers) {
  EXPECT_EQ(session->open_down(crypto, "plant/t", sign("mine").payload).why, Refusal::bad_tag);
}

TEST_F(ALiveSession, ProvesItselfWithRisingN) {
  std::uint32_t last = 0;
  for (int i = 0; i < 3; ++i) {
    const auto proof = parse_resume_proof(session->prove(crypto, "mote-3~a"));
    ASSERT_TRUE(proof);
    EXPECT_EQ(proof->kid, 300);
    EXPECT_GT(proof->n, last);
    EXPECT_EQ(verify_resume_proof(crypto, agreement.sk, *proof, "mote-3~a"), Refusal::none);
    EXPECT_EQ(verify_resume_proof(crypto, agreement.sk, *proof, "mote-3~b"), Refusal::bad_tag);
    last = proof->n;
  }
  EXPECT_EQ(session->n(), last);
}

TEST(SignedProps, StandInRisingOrderOfTheirIds) {
  MessageProperties from;
  from.correlation_data = Octets{std::byte{7}};
  from.response_topic = "r";
  from.payload_format = 1;
  from.content_type = "c";
  from.expiry_s = 60;
  from.user = {{"a", "b"}};
  EXPECT_EQ(countersign::test::hex(*signed_props(from)),
            "01010300016308000172090001"
            "07");
  EXPECT_TRUE(signed_props({})->empty());
  from.content_type = std::string(65'000, 'x');
  from.response_topic = std::string(1'000, 'x');
  EXPECT_FALSE(signed_props(from));
}

}  // namespace
}  // namespace countersign::client
