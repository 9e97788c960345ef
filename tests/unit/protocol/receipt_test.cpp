#include "countersign/receipt.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "countersign/envelope.hpp"
#include "openssl/crypto.hpp"
#include "unit/vector_file.hpp"

namespace countersign::test {
namespace {

template <class Write>
Octets written(Write write) {
  Octets room(200);
  Writer out{room};
  write(out);
  EXPECT_TRUE(out.ok());
  return octets(out.written());
}

TEST(Receipt, AgreesWithTheVectorsBothWays) {
  for (const VectorFile& v : vectors("receipt_")) {
    if (v.text("family") != "receipt") {
      continue;
    }
    SCOPED_TRACE(v.name());
    Receipt receipt;
    receipt.kid = static_cast<std::uint16_t>(v.number("kid"));
    std::istringstream accepted{v.text("accepted")};
    for (std::uint32_t seq = 0; accepted >> seq;) {
      receipt.accepted.add(seq);
    }
    EXPECT_EQ(receipt.accepted.edge, v.number("edge"));
    EXPECT_EQ(receipt.accepted.bitmap, std::stoull(v.text("bitmap"), nullptr, 16));
    EXPECT_EQ(hex(written([&](Writer& out) { write_receipt(receipt, out); })), hex(v.body()));
    EXPECT_EQ(hex(written([&](Writer& out) { write_receipt_body(receipt, out); })),
              v.text("in_finished"));

    const auto parsed = parse_receipt(v.body());
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->kid, receipt.kid);
    EXPECT_EQ(parsed->accepted.edge, receipt.accepted.edge);
    EXPECT_EQ(parsed->accepted.bitmap, receipt.accepted.bitmap);
  }
}

TEST(Receipt, RequestAgreesWithTheVectorsBothWays) {
  for (const VectorFile& v : vectors("receipt_request")) {
    SCOPED_TRACE(v.name());
    const auto kid = static_cast<std::uint16_t>(v.number("kid"));
    EXPECT_EQ(hex(written([&](Writer& out) { write_receipt_request(kid, out); })), hex(v.body()));
    const auto parsed = parse_receipt_request(v.body());
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, kid);
  }
}

TEST(Receipt, HasExactlyItsLengthAndItsMark) {
  const auto good = vectors("receipt_full").front();
  const auto request = vectors("receipt_request_300").front();
  for (std::size_t size = 0; size < kReceiptBytes; ++size) {
    EXPECT_EQ(parse_receipt(good.body().first(size)).why(), Refusal::malformed) << size;
  }
  for (std::size_t size = 0; size < kReceiptRequestBytes; ++size) {
    EXPECT_EQ(parse_receipt_request(request.body().first(size)).why(), Refusal::malformed);
  }
  EXPECT_EQ(parse_receipt(octets(good.body()) + Octets(1)).why(), Refusal::malformed);
  EXPECT_EQ(parse_receipt_request(octets(request.body()) + Octets(1)).why(), Refusal::malformed);
  for (std::size_t bit = 0; bit < 8; ++bit) {
    EXPECT_EQ(parse_receipt(flipped(good.body(), bit)).why(), Refusal::malformed);
    EXPECT_EQ(parse_receipt_request(flipped(request.body(), bit)).why(), Refusal::malformed);
  }
}

TEST(Receipt, IsRequestedOnlyForAKidThatASessionCanHave) {
  const auto parse = [](std::uint16_t kid) {
    return parse_receipt_request(written([kid](Writer& out) { write_receipt_request(kid, out); }));
  };
  EXPECT_EQ(parse(0).why(), Refusal::malformed);
  EXPECT_TRUE(parse(1));
  EXPECT_TRUE(parse(kMaxKid));
  EXPECT_EQ(parse(kMaxKid + 1).why(), Refusal::malformed);
}

TEST(Notice, IsWhatTheVectorsCarry) {
  openssl::OpenSslCrypto crypto;
  for (const VectorFile& v : vectors("notice_")) {
    SCOPED_TRACE(v.name());
    DirectionKey key;
    ASSERT_TRUE(derive(crypto, v.key("sk"), Direction::down, key));
    const auto claim = parse_envelope(v.body());
    ASSERT_TRUE(claim);
    const MessageContext context{bytes_of(v.text("topic")), {}};
    const openssl::OpenSslMacKey mac{key.mac};
    EXPECT_EQ(verify(mac, *claim, context), Refusal::none);
    EXPECT_EQ(hex(claim->body), v.text("payload"));
    EXPECT_NE(static_cast<bool>(parse_notice(claim->body)),
              static_cast<bool>(parse_receipt(claim->body)));
    Octets out(100);
    const auto again = write_envelope(crypto, key, claim->header, context, claim->body, out);
    ASSERT_TRUE(again);
    EXPECT_EQ(hex(*again), hex(v.body()));
  }
}

TEST(Notice, ComesBackAsItWasWritten) {
  for (std::size_t i = 0; i < kRefusalNames.size(); ++i) {
    for (const std::uint32_t seq : {0U, 9U, 10U, 41U, 99'999'999U, 100'000'000U, kMaxSeq}) {
      const Notice notice{.why = static_cast<Refusal>(i), .seq = seq};
      const Octets wire = written([&](Writer& out) { write_notice(notice, out); });
      EXPECT_LE(wire.size(), kMaxNoticeBytes);
      const auto parsed = parse_notice(wire);
      ASSERT_TRUE(parsed) << text_of(wire);
      EXPECT_EQ(parsed->why, notice.why);
      EXPECT_EQ(parsed->seq, seq);
    }
  }
  EXPECT_EQ(text_of(written([](Writer& out) {
              write_notice({Refusal::replayed, 41}, out);
            })),
            R"({"v":1,"why":"replayed","seq":41})");
}

TEST(Notice, TakesNoOtherText) {
  for (const std::string_view text :
       {"", "{", "}", R"({"v":1,"why":"})", R"({"v":1,"why":"")", R"({"v":1,"why":"","seq":1})",
        R"({"v":1,"why":"replayed","seq":})", R"({"v":1,"why":"replayed","seq":041})",
        R"({"v":1,"why":"replayed","seq":-1})", R"({"v":1,"why":"replayed","seq":268435456})",
        R"({"v":1,"why":"replayed","seq":4294967297})", R"({"v":1,"why":"replayed","seq":1.0})",
        R"({"v":1,"why":"replayed","seq":41} )", R"( {"v":1,"why":"replayed","seq":41})",
        R"({"v":2,"why":"replayed","seq":41})", R"({"v":1,"why":"Replayed","seq":41})",
        R"({"v":1,"why":"replayed","seq":41,"seq":42})", R"({"v":1,"seq":41,"why":"replayed"})",
        R"({"v":1,"why":"nonsense","seq":41})"}) {
    EXPECT_EQ(parse_notice(bytes_of(text)).why(), Refusal::malformed) << text;
  }
  const std::string good = R"({"v":1,"why":"replayed","seq":41})";
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(parse_notice(bytes_of(good.substr(0, size)))) << size;
  }
}

TEST(Refusals, AreFrozen) {
  constexpr std::string_view kFrozen =
      "none malformed unknown_sender unknown_kid bad_tag replayed stale duplicate forked unsigned "
      "denied out_of_range enforcement expired expelled blocked disabled qos2 retain will busy "
      "bad_handshake old_epoch cloned not_sealed card_required too_large internal ";
  std::string names;
  for (std::size_t i = 0; i < kRefusalNames.size(); ++i) {
    const auto why = static_cast<Refusal>(i);
    names += std::string{name_of(why)} + " ";
    EXPECT_EQ(refusal_named(name_of(why)), why);
    const bool counts = why == Refusal::bad_tag || why == Refusal::malformed ||
                        why == Refusal::bad_handshake || why == Refusal::unsigned_;
    EXPECT_EQ(counts_against_connection(why), counts);
  }
  EXPECT_EQ(names, kFrozen);
  EXPECT_EQ(static_cast<int>(Refusal::internal), 27);
  EXPECT_EQ(name_of(static_cast<Refusal>(28)), "internal");
  EXPECT_EQ(refusal_named("nonsense"), Refusal::internal);
  EXPECT_EQ(Result<int>{Refusal::none}.why(), Refusal::internal) << "no reason is our own bug";
}

}  // namespace
}  // namespace countersign::test
