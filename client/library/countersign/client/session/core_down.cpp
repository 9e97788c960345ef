#include <utility>

#include "countersign/client/session/core.hpp"
#include "countersign/client/session/topics.hpp"

namespace countersign::client {

void Core::arrived(const Arrived& event, Millis now) {
  const Message& message = event.message;
  if (message.topic == auth_reply_topic(client_id_)) {
    if (handshake_) {
      handshake_->take(crypto_, random_, message.payload, Travel::plain, now);
      if (handshake_->finished()) {
        finished(now);
      } else {
        drive_handshake(now);
      }
    }
  } else if (message.topic == notice_topic(client_id_)) {
    take_notice(message, now);
  } else if (message.topic == admin_reply_topic(client_id_)) {
    take_reply(message, now);
  } else {
    deliver(message);
  }
}

/// The payload of what T signed under the present session or the one before; nothing for all else.
std::optional<LiveSession::Down> Core::open_down(const Message& message, std::uint16_t& kid,
                                                 Millis now) {
  if (!bad_tags_.allows(now)) {
    return std::nullopt;
  }
  for (LiveSession* const session : {session_.get(), old_session_.get()}) {
    if (session == nullptr) {
      continue;
    }
    auto down = session->open_down(crypto_, message.topic, message.payload);
    if (down.why == Refusal::unknown_kid) {
      continue;
    }
    if (down.why == Refusal::bad_tag) {
      bad_tags_.count_bad();
    }
    kid = session->kid();
    return down.why == Refusal::none ? std::optional{std::move(down)} : std::nullopt;
  }
  return std::nullopt;
}

void Core::take_notice(const Message& message, Millis now) {
  if (!looks_signed(message.payload)) {
    if (const auto hint = parse_notice(message.payload)) {
      take_hint(*hint, now);
    }
    return;
  }
  std::uint16_t kid = 0;
  const auto down = open_down(message, kid, now);
  if (!down) {
    return;
  }
  if (const auto receipt = parse_receipt(down->payload)) {
    take_receipt(*receipt);
    return;
  }
  if (!down->payload.empty() && down->payload[0] == std::byte{kQuestionMark}) {
    take_question(down->payload, kid, now);
    return;
  }
  if (const auto order = parse_card_order(down->payload)) {
    if (observer_.on_card_order) {
      observer_.on_card_order(*order);
    }
    return;
  }
  const auto notice = parse_notice(down->payload);
  if (!notice) {
    return;
  }
  const auto consequence = outbox_.noticed(kid, *notice);
  if (consequence == Outbox::Consequence::renew && kid == session_->kid()) {
    renew(notice->why, now);
  }
  if (consequence != Outbox::Consequence::settled && observer_.on_notice) {
    observer_.on_notice(*notice);
  }
}

void Core::take_receipt(const Receipt& receipt) {
  if (settling_kid_ != 0 && receipt.kid == settling_kid_) {
    settling_kid_ = 0;
    outbox_.closed(receipt);
  } else {
    outbox_.received(receipt);
  }
  if (receipt.kid == session_->kid()) {
    for (const auto& waiter : std::exchange(receipts_, {})) {
      waiter.done(receipt);
    }
  }
  if (observer_.on_receipt) {
    observer_.on_receipt(receipt);
  }
}

void Core::take_reply(const Message& message, Millis now) {
  std::uint16_t kid = 0;
  const auto down = open_down(message, kid, now);
  if (down && down->sealed) {
    answer_request(text_of(down->payload));
  }
}

void Core::deliver(const Message& message) {
  for (const auto& [filter, subscription] : subscriptions_) {
    if (subscription.callback && matches(filter, message.topic)) {
      const Client::OnMessage callback = subscription.callback;
      callback(message);
      return;
    }
  }
}

}  // namespace countersign::client
