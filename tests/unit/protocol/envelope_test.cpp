#include "countersign/envelope.hpp"

#include <gtest/gtest.h>

#include "countersign/base64url.hpp"
#include "countersign/properties.hpp"
#include "openssl/crypto.hpp"
#include "unit/vector_file.hpp"

namespace countersign::test {
namespace {

/// A vector as both sides see it. Keeps the bytes that everything else borrows.
struct EnvelopeCase {
  explicit EnvelopeCase(const VectorFile& v)
      : topic{v.text("topic")}, props{v.bytes("props")}, body{octets(v.body())} {
    const auto direction = v.text("direction") == "up" ? Direction::up : Direction::down;
    usable = derive(crypto, v.key("sk"), direction, key);
    mac = openssl::OpenSslMacKey{key.mac};
    readable = v.text("form") == "property";
    if (v.has("k")) {
      usable = usable && expand(crypto, v.bytes("k"), "card cc", {}, card_key) &&
               expand(crypto, v.bytes("sk"), "card bind", {}, bind);
    }
    if (readable) {
      Octets room(100);
      ByteView decoded;
      decodes = decode_base64url(v.text("cs1"), room, decoded);
      property = octets(decoded);
    }
  }

  [[nodiscard]] MessageContext context() const { return {bytes_of(topic), props}; }

  [[nodiscard]] Result<Envelope> parse() const {
    if (!decodes) {
      return Refusal::malformed;
    }
    return readable ? parse_property(property, body) : parse_envelope(body);
  }

  /// Checks the tag and leaves what subscribers would get in `plain`.
  [[nodiscard]] Refusal open(const Envelope& claim) {
    plain = octets(claim.body);
    if (claim.header.on_card()) {
      return verify_on_card(crypto, card_key, bind, claim, context());
    }
    return claim.header.sealed() ? open_envelope(crypto, key, claim, context(), plain)
                                 : verify(mac, claim, context());
  }

  openssl::OpenSslCrypto crypto;
  DirectionKey key;
  openssl::OpenSslMacKey mac;
  Key32 card_key;
  Key32 bind;
  std::string topic;
  Octets props;
  Octets body;
  Octets property;
  Octets plain;
  bool readable = false;
  bool decodes = true;
  bool usable = false;
};

Header header_of(const VectorFile& v) {
  return {.flags = static_cast<std::uint8_t>(v.number("flags")),
          .kid = static_cast<std::uint16_t>(v.number("kid")),
          .seq = v.number("seq"),
          .card_counter = v.has("card_counter") ? v.number("card_counter") : 0};
}

TEST(Envelope, OpensEveryVector) {
  for (const VectorFile& v : vectors("envelope_accept")) {
    SCOPED_TRACE(v.name());
    EnvelopeCase c{v};
    ASSERT_TRUE(c.usable);
    const auto claim = c.parse();
    ASSERT_TRUE(claim) << name_of(claim.why());
    EXPECT_EQ(claim->header.flags, v.number("flags"));
    EXPECT_EQ(claim->header.kid, v.number("kid"));
    EXPECT_EQ(claim->header.seq, v.number("seq"));
    EXPECT_EQ(claim->header.card_counter, header_of(v).card_counter);
    EXPECT_EQ(hex(claim->header_bytes), v.text("header"));
    EXPECT_EQ(hex(claim->tag), v.text("tag"));
    EXPECT_EQ(c.open(*claim), Refusal::none);
    EXPECT_EQ(hex(c.plain), v.text("payload"));
  }
}

TEST(Envelope, WritesEveryVectorThatNoCardSigned) {
  for (const VectorFile& v : vectors("envelope_accept")) {
    SCOPED_TRACE(v.name());
    const EnvelopeCase c{v};
    if (header_of(v).on_card()) {
      continue;
    }
    const Octets payload = v.bytes("payload");
    Octets out(payload.size() + kMaxEnvelopeBytes);
    Octets body(payload.size());
    if (!c.readable) {
      const auto wire = write_envelope(c.crypto, c.key, header_of(v), c.context(), payload, out);
      ASSERT_TRUE(wire);
      EXPECT_EQ(hex(*wire), hex(v.body()));
      continue;
    }
    const auto property =
        write_property(c.crypto, c.key, header_of(v), c.context(), payload, body, out);
    ASSERT_TRUE(property);
    std::string text(100, '?');
    EXPECT_EQ(encode_base64url(*property, text), v.text("cs1"));
    EXPECT_EQ(hex(header_of(v).sealed() ? body : payload), hex(v.body()));
  }
}

TEST(Envelope, HasTheDigestThatTheCardSigns) {
  for (const VectorFile& v : vectors("envelope_accept")) {
    if (!header_of(v).on_card()) {
      continue;
    }
    SCOPED_TRACE(v.name());
    const EnvelopeCase c{v};
    Digest digest;
    ASSERT_TRUE(
        card_digest(c.crypto, c.bind, header_of(v), c.context(), v.bytes("payload"), digest));
    EXPECT_EQ(hex(digest), v.text("card_digest"));
    EXPECT_EQ(hex(c.card_key.bytes()), v.text("k_cc"));
    EXPECT_EQ(hex(c.bind.bytes()), v.text("card_bind"));
    Bytes<kMaxHeaderBytes> room;
    Writer header{room};
    EXPECT_TRUE(write_header(header_of(v), header));
    EXPECT_EQ(hex(header.written()), v.text("header"));
  }
}

TEST(Envelope, RefusesEveryVectorThatMustBeRefused) {
  for (const VectorFile& v : vectors("envelope_refuse")) {
    SCOPED_TRACE(v.name());
    if (v.has("cs1_second")) {
      continue;  // two properties: whoever reads the PUBLISH sees that
    }
    EnvelopeCase c{v};
    const auto claim = c.parse();
    if (v.expected() != Refusal::bad_tag) {
      EXPECT_EQ(claim.why(), v.expected());
      continue;
    }
    ASSERT_TRUE(claim) << name_of(claim.why());
    EXPECT_EQ(c.open(*claim), Refusal::bad_tag);
  }
}

TEST(Envelope, CarriesAdministrationAndNotices) {
  for (const VectorFile& v : vectors("admin_")) {
    SCOPED_TRACE(v.name());
    openssl::OpenSslCrypto crypto;
    DirectionKey key;
    ASSERT_TRUE(derive(crypto, v.key("sk"),
                       v.text("direction") == "up" ? Direction::up : Direction::down, key));
    const auto claim = parse_envelope(v.body());
    ASSERT_TRUE(claim);
    Octets plain(claim->body.size());
    const MessageContext context{bytes_of(v.text("topic")), {}};
    ASSERT_EQ(open_envelope(crypto, key, *claim, context, plain), Refusal::none);
    EXPECT_EQ(text_of(plain), v.text("json"));
    Octets out(plain.size() + kMaxEnvelopeBytes);
    const auto again = write_envelope(crypto, key, claim->header, context, plain, out);
    ASSERT_TRUE(again);
    EXPECT_EQ(hex(*again), hex(v.body()));
  }
}

class Writing : public testing::Test {
 protected:
  Result<ByteView> write(const Header& header, std::size_t room, ByteView payload = {},
                         const MessageContext& context = {}) {
    out_.resize(room);
    return write_envelope(crypto_, key_, header, context, payload, out_);
  }
  Result<ByteView> write_readable(const Header& header, std::size_t room, std::size_t body,
                                  ByteView payload) {
    out_.resize(room);
    body_.resize(body);
    return write_property(crypto_, key_, header, {}, payload, body_, out_);
  }

  openssl::OpenSslCrypto crypto_;
  DirectionKey key_;
  Octets out_;
  Octets body_;
};

TEST_F(Writing, RefusesWhatParsingWouldRefuse) {
  const Header good{.flags = 0, .kid = 1, .seq = 0};
  EXPECT_TRUE(write(good, 100));
  for (unsigned flags = 0; flags < 256; ++flags) {
    Header header = good;
    header.flags = static_cast<std::uint8_t>(flags);
    const bool allowed = flags < 8 && flags != 5 && flags != 7;
    EXPECT_EQ(static_cast<bool>(write(header, 100)), allowed) << flags;
    EXPECT_EQ(static_cast<bool>(write_readable(header, 100, 0, {})), allowed) << flags;
  }
  EXPECT_EQ(write({.kid = 0}, 100).why(), Refusal::malformed);
  EXPECT_EQ(write({.kid = kMaxKid + 1}, 100).why(), Refusal::malformed);
  EXPECT_EQ(write({.kid = 1, .seq = kMaxSeq + 1}, 100).why(), Refusal::malformed);
}

TEST_F(Writing, NeedsExactlyItsRoom) {
  const Octets payload(5);
  const Header header{.flags = kSealed, .kid = kMaxKid, .seq = kMaxSeq};
  const std::size_t whole = 7 + payload.size() + kTagBytes;
  EXPECT_TRUE(write(header, whole, payload));
  for (std::size_t room = 0; room < whole; ++room) {
    EXPECT_EQ(write(header, room, payload).why(), Refusal::too_large) << room;
  }
  EXPECT_TRUE(write_readable(header, 7 + kTagBytes, 5, payload));
  for (std::size_t room = 0; room < 7 + kTagBytes; ++room) {
    EXPECT_EQ(write_readable(header, room, 5, payload).why(), Refusal::too_large) << room;
  }
  EXPECT_EQ(write_readable(header, 100, 4, payload).why(), Refusal::malformed);
}

TEST_F(Writing, IsForContextsThatFitTheirCounts) {
  const Octets most(65'535);
  const Octets more(65'536);
  const Header header{.kid = 1};
  EXPECT_TRUE(write(header, 100, {}, {most, most}));
  EXPECT_EQ(write(header, 100, {}, {more, {}}).why(), Refusal::malformed);
  EXPECT_EQ(write(header, 100, {}, {{}, more}).why(), Refusal::malformed);
}

TEST_F(Writing, NeverUsesANonceTwice) {
  const Octets payload(16);
  const auto first = write({.flags = kSealed, .kid = 1, .seq = 1}, 100, payload);
  const Octets one = octets(first->last(payload.size() + kTagBytes));
  const auto second = write({.flags = kSealed, .kid = 1, .seq = 2}, 100, payload);
  EXPECT_NE(one, octets(second->last(payload.size() + kTagBytes)));
}

TEST(Checking, CallsAnOversizedContextMalformed) {
  openssl::OpenSslCrypto crypto;
  const openssl::OpenSslMacKey mac{Key32{}};
  const Octets more(65'536);
  Octets wire(40);
  for (const std::uint8_t flags : {std::uint8_t{0}, kSealed, kOnCardTag}) {
    wire[0] = static_cast<std::byte>(kEnvelopeMark | flags);
    wire[1] = std::byte{1};
    const auto claim = parse_envelope(wire);
    ASSERT_TRUE(claim);
    Octets plain(claim->body.size());
    for (const MessageContext& context : {MessageContext{more, {}}, MessageContext{{}, more}}) {
      const Refusal why = flags == 0         ? verify(mac, *claim, context)
                          : flags == kSealed ? open_envelope(crypto, {}, *claim, context, plain)
                                             : verify_on_card(crypto, {}, {}, *claim, context);
      EXPECT_EQ(why, Refusal::malformed) << unsigned{flags};
    }
  }
}

TEST(Properties, StandInTheirOrderAndOnlyIfPresent) {
  Octets room(200);
  Writer none{room};
  Properties properties;
  properties.write(none);
  EXPECT_TRUE(none.written().empty());

  properties = {.has_payload_format = true,
                .payload_format = 1,
                .has_content_type = true,
                .content_type = bytes_of("text/plain"),
                .has_response_topic = true,
                .response_topic = bytes_of("plant/mote-3/reply"),
                .has_correlation_data = true,
                .correlation_data = {}};
  const Octets data = from_hex("0001ff");
  properties.correlation_data = data;
  Writer all{room};
  properties.write(all);
  const auto v = vectors("envelope_accept_property_sealed_retain").front();
  EXPECT_EQ(hex(all.written()), v.text("props"));
}

TEST(Properties, ThatAreEmptyAreNotAbsent) {
  Octets room(200);
  Writer out{room};
  Properties properties;
  properties.has_content_type = true;
  properties.has_correlation_data = true;
  properties.write(out);
  EXPECT_EQ(hex(out.written()), "030000090000");
}

TEST(LooksSigned, IsOnlyTheMark) {
  EXPECT_FALSE(looks_signed({}));
  for (unsigned code = 0; code < 256; ++code) {
    const Octets wire{static_cast<std::byte>(code)};
    EXPECT_EQ(looks_signed(wire), (code & 0xF0U) == 0xC0U) << code;
  }
}

}  // namespace
}  // namespace countersign::test
