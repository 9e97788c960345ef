#include "engine/postman.hpp"

#include <vector>

#include "countersign/envelope.hpp"
#include "countersign/keys.hpp"
#include "countersign/rekey.hpp"
#include "countersign/topics.hpp"

namespace countersign::engine {
namespace {

constexpr Millis kSecond = 1000;

std::string notice_topic(const Connection& to) { return std::string{kNoticePrefix} + to.client_id; }

}  // namespace

void Postman::send_down(const Connection& to, LiveSession& session, const std::string& topic,
                        ByteView payload, std::uint8_t flags) {
  if (session.down_seq > kMaxSeq || to.departed) {
    return;
  }
  DirectionKey down;
  if (!derive(context_.crypto, session.sk, Direction::down, down)) {
    return;
  }
  Header header;
  header.flags = flags;
  header.kid = session.kid;
  header.seq = session.down_seq++;
  std::vector<std::byte> room(payload.size() + kMaxEnvelopeBytes);
  const MessageContext context{.topic = bytes_of(topic), .props = {}};
  const auto envelope = write_envelope(context_.crypto, down, header, context, payload, room);
  if (envelope) {
    context_.broker.send(to.client_id, topic, *envelope);
  }
}

void Postman::notice(const Connection& to, LiveSession& session, const Notice& notice, Millis now) {
  if (notice.why == Refusal::duplicate) {
    const Millis rate = context_.settings->connections.duplicate_notices_per_second;
    if (rate == 0 || now - session.last_duplicate < kSecond / rate) {
      return;
    }
    session.last_duplicate = now;
  }
  Bytes<kMaxNoticeBytes> room;
  Writer out{room};
  write_notice(notice, out);
  send_down(to, session, notice_topic(to), out.written(), 0);
}

void Postman::receipt(const Connection& to, LiveSession& session, const Receipt& receipt) {
  Bytes<kReceiptBytes> room;
  Writer out{room};
  write_receipt(receipt, out);
  send_down(to, session, notice_topic(to), out.written(), 0);
}

void Postman::question(const Connection& to, LiveSession& session, ByteView q) {
  send_down(to, session, notice_topic(to), q, 0);
}

void Postman::card_order(const Connection& to, LiveSession& session, const CardOrder& order) {
  Bytes<kCardOrderBytes> room;
  Writer out{room};
  write_card_order(order, out);
  send_down(to, session, notice_topic(to), out.written(), 0);
}

void Postman::rekeyed(const Connection& to, LiveSession& session, const Key32& k) {
  Bytes<kRekeyBytes> message;
  if (write_rekey(HeldKey{context_.crypto, k}, kRekeyedMark, message)) {
    send_down(to, session, notice_topic(to), message, 0);
  }
}

void Postman::hint(Connection& to, const Notice& notice, Millis now) {
  if (now - to.last_hint < kSecond) {
    return;
  }
  to.last_hint = now;
  Bytes<kMaxNoticeBytes> room;
  Writer out{room};
  write_notice(notice, out);
  context_.broker.send(to.client_id, notice_topic(to), out.written());
}

void Postman::handshake(const Connection& to, std::string_view relayed, ByteView message) {
  std::string topic = std::string{kAuthReplyPrefix} + to.client_id;
  if (!relayed.empty()) {
    topic.append("/").append(relayed);
  }
  context_.broker.send(to.client_id, topic, message);
}

void Postman::reply(const Connection& to, LiveSession& session, std::string_view json) {
  send_down(to, session, std::string{kAdminReplyPrefix} + to.client_id, bytes_of(json), kSealed);
}

}  // namespace countersign::engine
