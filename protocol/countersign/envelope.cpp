#include "countersign/envelope.hpp"

#include <array>

#include "countersign/keys.hpp"

namespace countersign {
namespace {

constexpr std::uint8_t kFlagMask = 0x0F;

constexpr bool may_stand_together(const Header& header) {
  return !(header.sealed() && header.short_tag()) && !(header.sealed() && header.on_card()) &&
         !(header.on_card() && header.short_tag());
}

constexpr bool is_valid(const Header& header) {
  return (header.flags & ~kFlagMask) == 0 && may_stand_together(header) && header.kid >= 1 &&
         header.kid <= kMaxKid && header.seq <= kMaxSeq;
}

Header read_header(Reader& in) {
  Header header;
  header.flags = static_cast<std::uint8_t>(in.be<std::uint8_t>() ^ kEnvelopeMark);
  header.kid = static_cast<std::uint16_t>(in.vbi(kMaxKidBytes));
  header.seq = in.vbi(kMaxSeqBytes);
  header.card_counter = header.on_card() ? in.be<std::uint32_t>() : 0;
  return header;
}

/// XORs the sequence number into the last four bytes of the direction's iv.
Nonce nonce_of(const SealingKey& key, std::uint32_t seq) {
  Nonce nonce;
  copy(key.iv.bytes(), nonce);
  const Bytes<4> number = be32(seq);
  for (std::size_t i = 0; i < number.size(); ++i) {
    nonce[kNonceBytes - number.size() + i] ^= number[i];
  }
  return nonce;
}

/// header || s16(topic) || s16(props): what is signed before the payload.
class SignedHead {
 public:
  SignedHead(ByteView header, const MessageContext& context)
      : topic_size_{be16(context.topic.size())},
        props_size_{be16(context.props.size())},
        parts_{header, topic_size_, context.topic, props_size_, context.props, {}} {}
  SignedHead(const SignedHead&) = delete;
  SignedHead& operator=(const SignedHead&) = delete;

  [[nodiscard]] Parts alone() const { return Parts{parts_}.first(5); }
  [[nodiscard]] Parts with(ByteView payload) {
    parts_[5] = payload;
    return parts_;
  }

 private:
  Bytes<2> topic_size_;
  Bytes<2> props_size_;
  std::array<ByteView, 6> parts_;
};

bool fits(const MessageContext& context) {
  return context.topic.size() <= 65'535 && context.props.size() <= kMaxPropsBytes;
}

/// Signs into `body_and_tag`: the payload as it is, then the tag.
bool sign_into(const MacKey& key, const Header& header, ByteView header_bytes,
               const MessageContext& context, ByteView payload, MutableBytes body_and_tag) {
  SignedHead head{header_bytes, context};
  Digest digest;
  if (!key.sign(head.with(payload), digest)) {
    return false;
  }
  copy(payload, body_and_tag);
  copy(ByteView{digest}.first(header.tag_bytes()), body_and_tag.subspan(payload.size()));
  return true;
}

/// Signs or seals into `body` (same size as `payload`) and `tag`.
bool protect(const Crypto& crypto, const DirectionKey& key, const Header& header,
             ByteView header_bytes, const MessageContext& context, ByteView payload,
             MutableBytes body_and_tag) {
  if (!header.sealed()) {
    return sign_into(HeldKey{crypto, key.mac}, header, header_bytes, context, payload,
                     body_and_tag);
  }
  const SignedHead head{header_bytes, context};
  return crypto.seal(key.enc, nonce_of(key, header.seq), head.alone(), payload,
                     body_and_tag.first(payload.size()), body_and_tag.last<kAeadTagBytes>());
}

bool may_write(const Header& header, const MessageContext& context) {
  return is_valid(header) && !header.on_card() && fits(context);
}

/// The payload form as far as it needs no key: the header written, room made for the rest.
class Frame {
 public:
  Frame(const Header& header, const MessageContext& context, ByteView payload, Writer& out) {
    if (!may_write(header, context)) {
      why_ = Refusal::malformed;
      return;
    }
    if (!write_header(header, out)) {
      return;
    }
    header_ = out.written();
    rest_ = out.claim(payload.size() + header.tag_bytes());
    why_ = out.ok() ? Refusal::none : Refusal::too_large;
  }
  [[nodiscard]] Refusal why() const { return why_; }
  [[nodiscard]] ByteView header() const { return header_; }
  [[nodiscard]] MutableBytes rest() const { return rest_; }

 private:
  ByteView header_;
  MutableBytes rest_;
  Refusal why_ = Refusal::too_large;
};

}  // namespace

bool looks_signed(ByteView payload) {
  return !payload.empty() &&
         (std::to_integer<std::uint8_t>(payload[0]) & ~kFlagMask) == kEnvelopeMark;
}

Result<Envelope> parse_envelope(ByteView payload) {
  if (!looks_signed(payload)) {
    return Refusal::unsigned_;
  }
  Reader in{payload};
  Envelope claim;
  claim.header = read_header(in);
  claim.header_bytes = in.read();
  claim.tag = in.take_back(claim.header.tag_bytes());
  claim.body = in.rest();
  if (!in.done() || !is_valid(claim.header)) {
    return Refusal::malformed;
  }
  return claim;
}

Result<Envelope> parse_property(ByteView header_and_tag, ByteView payload) {
  Reader in{header_and_tag};
  Envelope claim;
  claim.header = read_header(in);
  claim.header_bytes = in.read();
  claim.tag = in.take(claim.header.tag_bytes());
  claim.body = payload;
  if (!in.done() || !is_valid(claim.header)) {
    return Refusal::malformed;
  }
  return claim;
}

bool write_header(const Header& header, Writer& out) {
  if (!is_valid(header)) {
    return false;
  }
  out.be(static_cast<std::uint8_t>(kEnvelopeMark | header.flags)).vbi(header.kid).vbi(header.seq);
  if (header.on_card()) {
    out.be(header.card_counter);
  }
  return out.ok();
}

Refusal verify(const MacKey& key, const Envelope& claim, const MessageContext& context) {
  if (!fits(context)) {
    return Refusal::malformed;
  }
  SignedHead head{claim.header_bytes, context};
  Digest digest;
  if (!key.sign(head.with(claim.body), digest)) {
    return Refusal::internal;
  }
  return same_tag(ByteView{digest}.first(claim.header.tag_bytes()), claim.tag) ? Refusal::none
                                                                               : Refusal::bad_tag;
}

Refusal open_envelope(const Crypto& crypto, const SealingKey& key, const Envelope& claim,
                      const MessageContext& context, MutableBytes plain) {
  if (!fits(context)) {
    return Refusal::malformed;
  }
  // in the property form body and tag lie apart, so the backend takes them apart
  const SignedHead head{claim.header_bytes, context};
  return crypto.open(key.enc, nonce_of(key, claim.header.seq), head.alone(), claim.body, claim.tag,
                     plain)
             ? Refusal::none
             : Refusal::bad_tag;
}

Result<ByteView> write_envelope(const Crypto& crypto, const DirectionKey& key, const Header& header,
                                const MessageContext& context, ByteView payload, MutableBytes out) {
  Writer writer{out};
  const Frame frame{header, context, payload, writer};
  if (frame.why() != Refusal::none) {
    return frame.why();
  }
  if (!protect(crypto, key, header, frame.header(), context, payload, frame.rest())) {
    return Refusal::internal;
  }
  return writer.written();
}

Result<ByteView> write_signed(const MacKey& key, const Header& header,
                              const MessageContext& context, ByteView payload, MutableBytes out) {
  Writer writer{out};
  const Frame frame{header, context, payload, writer};
  if (frame.why() != Refusal::none || header.sealed()) {
    return header.sealed() ? Refusal::malformed : frame.why();
  }
  if (!sign_into(key, header, frame.header(), context, payload, frame.rest())) {
    return Refusal::internal;
  }
  return writer.written();
}

Result<ByteView> write_property(const Crypto& crypto, const DirectionKey& key, const Header& header,
                                const MessageContext& context, ByteView payload, MutableBytes body,
                                MutableBytes out) {
  if (!may_write(header, context) || (header.sealed() && body.size() != payload.size())) {
    return Refusal::malformed;
  }
  Writer writer{out};
  if (!write_header(header, writer)) {
    return Refusal::too_large;
  }
  SignedHead head{writer.written(), context};
  Digest digest{};
  const bool ok = header.sealed()
                      ? crypto.seal(key.enc, nonce_of(key, header.seq), head.alone(), payload, body,
                                    std::span{digest}.first<kAeadTagBytes>())
                      : crypto.hmac(key.mac.bytes(), head.with(payload), digest);
  if (!ok) {
    return Refusal::internal;
  }
  writer.raw(ByteView{digest}.first(header.tag_bytes()));
  return writer.ok() ? Result<ByteView>{writer.written()} : Refusal::too_large;
}

bool card_digest(const Crypto& crypto, const Key32& bind, const Header& header,
                 const MessageContext& context, ByteView payload, Digest& out) {
  Bytes<kMaxHeaderBytes> room;
  Writer writer{room};
  writer.be(static_cast<std::uint8_t>(kEnvelopeMark | header.flags))
      .vbi(header.kid)
      .vbi(header.seq);
  const Bytes<2> topic_size = be16(context.topic.size());
  const Bytes<2> props_size = be16(context.props.size());
  constexpr std::array kZero{std::byte{0}};
  const std::array<ByteView, 9> parts{bytes_of("cs1 card env"),
                                      kZero,
                                      bind.bytes(),
                                      writer.written(),
                                      topic_size,
                                      context.topic,
                                      props_size,
                                      context.props,
                                      payload};
  return writer.ok() && fits(context) && crypto.sha256(parts, out);
}

Refusal verify_on_card(const Crypto& crypto, const Key32& card_key, const Key32& bind,
                       const Envelope& claim, const MessageContext& context) {
  if (!fits(context)) {
    return Refusal::malformed;
  }
  Digest digest;
  Digest expected;
  const Bytes<4> counter = be32(claim.header.card_counter);
  const std::array<ByteView, 2> parts{counter, digest};
  if (!card_digest(crypto, bind, claim.header, context, claim.body, digest) ||
      !crypto.hmac(card_key.bytes(), parts, expected)) {
    return Refusal::internal;
  }
  return same_tag(ByteView{expected}.first(kTagBytes), claim.tag) ? Refusal::none
                                                                  : Refusal::bad_tag;
}

}  // namespace countersign
