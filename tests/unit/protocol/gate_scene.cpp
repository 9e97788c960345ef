#include "unit/protocol/gate_scene.hpp"

#include <gtest/gtest.h>

namespace countersign::test {

GateScene::GateScene(const Crypto* backend)
    : crypto{backend != nullptr ? backend : &real}, ring(ring_words(64)) {
  Agreement agreement;
  agreement.kid = 5;
  agreement.auth_code[0] = std::byte{0xAC};
  agreement.sk = Key32{Bytes<32>{std::byte{0x37}}};
  EXPECT_TRUE(open_session(real, agreement, now, session, up));
  session.window = ReplayWindow{ring};
  up_mac = openssl::OpenSslMacKey{up.mac};
  session.up_mac = &up_mac;
  sender.sessions = &session;
  sender.card_key = &card_key;
  sender.reputation = {Level::auth2, kInitialScore};
  rule.short_tags = true;
}

Header GateScene::next(std::uint8_t flags) {
  Header header{.flags = flags, .kid = 5, .seq = ++seq};
  if (header.on_card()) {
    header.card_counter = ++card_counter;
  }
  return header;
}

Sent GateScene::send(const Header& header, std::string_view reading, bool readable) {
  Sent sent;
  sent.readable = readable;
  sent.retain = header.retain_intent();
  const MessageContext context = sent.view().context;
  const Octets payload = octets(reading);
  Octets room(payload.size() + kMaxEnvelopeBytes);
  if (header.on_card()) {
    Key32 bind;
    Digest digest;
    Digest tag;
    const Bytes<4> counter = be32(header.card_counter);
    const std::array<ByteView, 2> parts{counter, digest};
    Writer head{room};
    EXPECT_TRUE(expand(real, session.sk.bytes(), "card bind", {}, bind) &&
                card_digest(real, bind, header, context, payload, digest) &&
                real.hmac(card_key.bytes(), parts, tag) && write_header(header, head));
    const ByteView short_of = ByteView{tag}.first(kTagBytes);
    sent.property = octets(head.written()) + short_of;
    sent.payload = readable ? payload : octets(head.written()) + payload + short_of;
  } else if (readable) {
    sent.payload = payload;
    Octets body(payload.size());
    const auto made = write_property(real, up, header, context, payload, body, room);
    EXPECT_TRUE(made);
    sent.property = octets(*made);
    sent.payload = header.sealed() ? body : payload;
  } else {
    const auto made = write_envelope(real, up, header, context, payload, room);
    EXPECT_TRUE(made);
    sent.payload = octets(*made);
  }
  return sent;
}

Verdict GateScene::judge(const Sent& sent) {
  plain.assign(sent.payload.size(), std::byte{0});
  return countersign::judge(*crypto, limits, rule, &sender, sent.view(), now, plain);
}

void GateScene::accept(std::uint32_t count, std::uint8_t flags) {
  for (std::uint32_t i = 0; i < count; ++i) {
    ASSERT_EQ(judge(send(next(flags))).why, Refusal::none) << i;
  }
}

std::vector<std::uint64_t> GateScene::state() const {
  std::vector<std::uint64_t> all{ring};
  const auto put = [&all](auto value) { all.push_back(static_cast<std::uint64_t>(value)); };
  const auto put_bytes = [&put](ByteView bytes) {
    for (const std::byte b : bytes) {
      put(b);
    }
  };
  put(session.window.newest());
  Outcomes outcomes = session.outcomes;
  for (const Outcomes::Outcome& outcome : outcomes.all()) {
    put_bytes(outcome.tag);
    put(outcome.why);
  }
  put(session.accepted.edge);
  put(session.accepted.bitmap);
  put(session.messages);
  put(session.sealed_messages);
  put(session.down_seq);
  put(session.resume_n);
  put(session.over);
  put(session.created);
  put(session.kid);
  put_bytes(session.auth_code);
  put_bytes(session.sk.bytes());
  put_bytes(session.up.enc.bytes());
  put_bytes(session.up.iv.bytes());
  put(sender.reputation.level);
  put(sender.reputation.score);
  put(sender.card_counter);
  put(sender.expelled_until);
  put(sender.enforcement_deadline);
  put(sender.disabled);
  put(sender.blocked);
  put(sender.cloned);
  return all;
}

}  // namespace countersign::test
