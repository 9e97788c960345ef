#include "countersign/client/session/core.hpp"
#include "countersign/client/session/topics.hpp"
#include "countersign/receipt.hpp"
#include "countersign/will.hpp"

namespace countersign::client {
namespace {

constexpr std::uint32_t kBurst = 64;  // then events get their turn
constexpr std::size_t kControlBytes = 64;

}  // namespace

/// Sends what waits, in order, while a session can sign it.
void Core::pump(Millis now) {
  if (settling_kid_ != 0) {
    return;
  }
  for (std::uint32_t i = 0; i < kBurst && may_sign(); ++i) {
    const Ticket ticket = outbox_.next();
    if (ticket == 0 || !send_letter(ticket, now)) {
      return;
    }
  }
}

bool Core::send_letter(Ticket ticket, Millis now) {
  Letter& letter = *outbox_.find(ticket);
  if (letter.kid != session_->kid()) {
    auto wire =
        session_->sign(crypto_, key_, letter.topic, letter.props, letter.payload, letter.options);
    if (!wire) {
      outbox_.fail(ticket, wire.why());
      return true;
    }
    letter.wire = std::move(*wire);
    letter.kid = session_->kid();
  }
  Outgoing out{.topic = letter.topic,
               .payload = letter.wire.payload,
               .qos = letter.options.qos,
               .retain = letter.options.retain,
               .properties = letter.options.properties,
               .cs1 = letter.wire.cs1};
  outbox_.left(ticket, now, options_.patience.answer);
  link_.send(ticket, out);
  return true;
}

/// An envelope of the protocol's own on the handshake topic.
void Core::send_control(ByteView payload) {
  if (!session_ || session_->exhausted()) {
    return;
  }
  const auto wire = session_->sign(crypto_, key_, kAuthTopic, {}, payload, {});
  if (wire) {
    Outgoing out;
    out.topic = kAuthTopic;
    out.payload = wire->payload;
    link_.send(kControlTicket, out);
  }
}

void Core::report_card(ByteView report) {
  if (may_sign()) {
    send_control(report);
  }
}

void Core::request_receipt(std::uint16_t kid) {
  Bytes<kReceiptRequestBytes> room;
  Writer out{room};
  write_receipt_request(kid, out);
  send_control(out.written());
}

/// Promises this connection's will inside its session; a connection raised from AUTH0 has none.
void Core::commit_will() {
  if (!options_.will || proven_n_ == 0) {
    return;
  }
  const WillOptions& given = *options_.will;
  const Will will{.client_id = client_id_,
                  .context = {.topic = bytes_of(given.topic), .props = {}},
                  .payload = given.payload,
                  .qos = given.qos,
                  .retain = given.retain};
  WillCommitment commitment{.n = proven_n_, .digest = {}};
  if (!will_digest(crypto_, will, commitment.digest)) {
    return;
  }
  Bytes<kControlBytes> room;
  Writer out{room};
  write_will_commitment(commitment, out);
  send_control(out.written());
}

void Core::watch_receipts(Millis now) {
  if (may_sign() && settling_kid_ == 0 && outbox_.wants_receipt(now)) {
    outbox_.asked_receipt(now, options_.patience.answer);
    request_receipt(session_->kid());
  }
}

}  // namespace countersign::client
