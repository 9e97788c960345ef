#pragma once

#include "core/device.hpp"

/// What a `Device` makes of what T says. Part of core/device.hpp.
namespace countersign::mcu {

template <Transport Link, Signer Keys>
DeviceEvent Device<Link, Keys>::arrived(const PublishPacket& message, Millis now) {
  if (client_.is_topic(message.topic, kAuthReplyPrefix)) {
    return take_handshake(message.payload, now);
  }
  if (client_.is_topic(message.topic, kNoticePrefix)) {
    return take_notice(message, now);
  }
  return {.what = DeviceEvent::What::message, .message = message};
}

template <Transport Link, Signer Keys>
DeviceEvent Device<Link, Keys>::take_notice(const PublishPacket& message, Millis now) {
  if (!looks_signed(message.payload)) {
    take_hint(message.payload, now);
    return {};
  }
  if (bad_tags_ >= kBadTagsPerSecond && now - bad_since_ < kSecondMs) {
    return {};
  }
  const auto opened = keys_.open_down(message.topic, message.payload, out_);
  if (!opened) {
    count_bad_tag(opened.why(), now);
    return {};
  }
  if (const auto receipt = parse_receipt(opened->payload)) {
    return take_receipt(*receipt);
  }
  if (const auto notice = parse_notice(opened->payload)) {
    return act_on(*notice, now);
  }
  return take_other(opened->payload, now);
}

template <Transport Link, Signer Keys>
DeviceEvent Device<Link, Keys>::take_other(ByteView payload, Millis now) {
  if (!payload.empty() && payload[0] == std::byte{kQuestionMark}) {
    return take_question(payload, now);
  }
  if (!payload.empty() && payload[0] == std::byte{kRekeyedMark}) {
    return take_rekeyed(payload);
  }
  return {};
}

template <Transport Link, Signer Keys>
DeviceEvent Device<Link, Keys>::take_rekeyed(ByteView payload) {
  const Refusal why = keys_.rekeyed(payload);
  if (why == Refusal::internal) {
    return fail(why);
  }
  rekey_ = keys_.is_rekeying();
  return {.what = why == Refusal::none ? DeviceEvent::What::rekeyed : DeviceEvent::What::none};
}

template <Transport Link, Signer Keys>
void Device<Link, Keys>::count_bad_tag(Refusal why, Millis now) {
  if (why != Refusal::bad_tag) {
    return;
  }
  bad_tags_ = now - bad_since_ < kSecondMs ? bad_tags_ + 1 : 1;
  bad_since_ = bad_tags_ == 1 ? now : bad_since_;
}

template <Transport Link, Signer Keys>
DeviceEvent Device<Link, Keys>::take_receipt(const Receipt& receipt) {
  if (settling_ && receipt.kid == keys_.old_kid()) {
    return flow_.received(receipt, true) && settled() ? DeviceEvent{} : fail(Refusal::internal);
  }
  if (receipt.kid == keys_.kid()) {
    asked_ = false;
    return flow_.received(receipt, false) ? DeviceEvent{} : fail(Refusal::internal);
  }
  return {};
}

template <Transport Link, Signer Keys>
DeviceEvent Device<Link, Keys>::act_on(const Notice& notice, Millis now) {
  if (notice.why == Refusal::enforcement || notice.why == Refusal::expired) {
    enforced_ = notice.why == Refusal::enforcement;
    // MFA_R's question comes by itself; step 1 is for the case that it gets lost
    const bool asked = enforced_ && keys_.profile().method == Method::mfar;
    renew(now, asked ? LoginPace::kFirstPauseMs : 0);
  }
  const bool gone = flow_.noticed(notice);
  return {.what = gone ? DeviceEvent::What::discarded : DeviceEvent::What::notice,
          .notice = notice};
}

/// T's demand inside the session, which answers it.
template <Transport Link, Signer Keys>
DeviceEvent Device<Link, Keys>::take_question(ByteView q, Millis now) {
  // q stands at the beginning of the same buffer, where the envelope goes afterwards
  const auto answer = MutableBytes{out_}.last<kAnswerBytes>();
  const auto step = keys_.take(q, answer);
  if (!step || step->answer_bytes == 0) {
    return {};
  }
  if (!pace_.active()) {
    pace_.start(now);
  }
  in_session_ = true;
  enforced_ = true;
  pace_.answered(now);
  static_cast<void>(tell_anyhow(kAuthTopic, answer, now));
  return {};
}

/// Nobody signed this, so it may start one handshake, later and ever more rarely, and no more.
template <Transport Link, Signer Keys>
void Device<Link, Keys>::take_hint(ByteView payload, Millis now) {
  const auto hint = parse_notice(payload);
  if (hint && (hint->why == Refusal::enforcement || hint->why == Refusal::unknown_kid) &&
      renew_at_ == 0 && phase_ == Phase::online && hints_.may(now)) {
    renew_at_ = now + BackOff::draw(random_, options_.hint_delay);
  }
}

}  // namespace countersign::mcu
