#pragma once

#include "core/device.hpp"

/// What a `Device` does without being asked. Part of core/device.hpp.
namespace countersign::mcu {

template <Transport Link, Signer Keys>
DeviceEvent Device<Link, Keys>::drive(Millis now) {
  if (enforced_) {
    renew(now);  // unless it is under way: one that failed is begun again
  }
  const DeviceEvent event = pace_.active() ? drive_login(now) : DeviceEvent{};
  // T takes nothing until what it demanded is done
  if (phase_ != Phase::online || enforced_ || event.what != DeviceEvent::What::none) {
    return event;
  }
  return attend(now);
}

template <Transport Link, Signer Keys>
DeviceEvent Device<Link, Keys>::attend(Millis now) {
  if (renew_at_ != 0 && now >= renew_at_) {
    renew_at_ = 0;
    renew(now);
  }
  if (settling_) {
    settle(now);
    return {};
  }
  send_waiting(now);
  subscribe(now);
  commit_will(now);
  ask_receipt(now);
  return ask_rekey(now);
}

template <Transport Link, Signer Keys>
DeviceEvent Device<Link, Keys>::ask_rekey(Millis now) {
  if (!(rekey_ || keys_.is_rekeying()) || !rekeys_.may(now)) {
    return {};
  }
  Bytes<kRekeyBytes> message;
  const auto size = keys_.rekey(message);
  if (!size) {
    return fail(size.why());
  }
  static_cast<void>(tell(kAuthTopic, message, now));
  return {};
}

/// The first message under a new kid asks what became of the readings of the old one.
template <Transport Link, Signer Keys>
void Device<Link, Keys>::settle(Millis now) {
  if (now < settle_at_) {
    return;
  }
  settle_at_ = now + kAskAgainMs;
  if (!request_receipt(keys_.old_kid(), now) && ++unasked_ > kAskTries) {
    unasked_ = 0;
    renew(now);  // no number is left before the oldest reading
  }
}

/// Also in the last place from which a receipt can be asked for.
template <Transport Link, Signer Keys>
bool Device<Link, Keys>::tell_anyhow(std::string_view topic, ByteView payload, Millis now) {
  std::uint32_t number = 0;
  bool from_counter = false;
  if (!mqtt_.online() || !keys_.has_session() ||
      !flow_.control_number(keys_.upcoming(), number, from_counter)) {
    return false;
  }
  if (from_counter) {
    const auto taken = keys_.next_control(number);
    if (!taken) {
      static_cast<void>(fail(taken.why()));
      return false;
    }
    number = *taken;
  }
  flow_.spent(number);
  return say(topic, payload, number, 0, now);
}

template <Transport Link, Signer Keys>
bool Device<Link, Keys>::request_receipt(std::uint16_t kid, Millis now) {
  Bytes<kReceiptRequestBytes> request;
  Writer writer{request};
  write_receipt_request(kid, writer);
  return tell_anyhow(kAuthTopic, request, now);
}

template <Transport Link, Signer Keys>
void Device<Link, Keys>::send_waiting(Millis now) {
  Waiting reading;
  while (flow_.next(reading)) {
    const std::uint16_t id = next_id();
    if (!send_reading(reading, id, false, now)) {
      return;
    }
    flow_.sent(reading, id);
    last_sent_ = now;
  }
}

/// A connection took the place of one that broke: what was not acknowledged goes once more.
template <Transport Link, Signer Keys>
void Device<Link, Keys>::send_again(Millis now) {
  const auto under_way = flow_.in_flight();  // acknowledging changes it
  for (const InFlight& one : under_way) {
    if (one.id != 0 && !send_reading(one.reading, one.id, true, now)) {
      flow_.acknowledged(one.id);  // T has it, or says so in its receipt
    }
  }
}

template <Transport Link, Signer Keys>
bool Device<Link, Keys>::send_reading(const Waiting& reading, std::uint16_t id, bool again,
                                      Millis now) {
  Bytes<kMaxReadingBytes> payload;
  const MutableBytes body = MutableBytes{payload}.first(reading.size);
  if (!ring_.read(reading, body)) {
    return false;
  }
  const auto signed_reading = keys_.sign(
      {.seq = reading.number, .flags = reading_flags(), .topic = options_.topic, .payload = body},
      out_);
  return signed_reading && mqtt_.publish({.topic = options_.topic,
                                          .payload = *signed_reading,
                                          .qos = 1,
                                          .again = again,
                                          .id = id},
                                         now);
}

template <Transport Link, Signer Keys>
bool Device<Link, Keys>::say(std::string_view topic, ByteView payload, std::uint32_t number,
                             std::uint8_t flags, Millis now) {
  const auto signed_message =
      keys_.sign({.seq = number, .flags = flags, .topic = topic, .payload = payload}, out_);
  return signed_message && mqtt_.publish({.topic = topic, .payload = *signed_message}, now);
}

template <Transport Link, Signer Keys>
void Device<Link, Keys>::subscribe(Millis now) {
  while (filters_done_ < options_.filters.size() && filters_done_ < kMaxFilters) {
    if (!mqtt_.subscribe(next_id(), options_.filters[filters_done_], 1, now)) {
      return;
    }
    ++filters_done_;
  }
}

template <Transport Link, Signer Keys>
void Device<Link, Keys>::commit_will(Millis now) {
  if (!commit_will_) {
    return;
  }
  const MqttWill& will = options_.will;
  WillCommitment commitment{.n = proven_n_, .digest = {}};
  const bool made = keys_.digest_will({.client_id = client_.text(),
                                       .context = {.topic = bytes_of(will.topic), .props = {}},
                                       .payload = will.payload,
                                       .qos = will.qos,
                                       .retain = will.retain},
                                      commitment.digest);
  Bytes<kWillCommitmentBytes> message;
  Writer writer{message};
  write_will_commitment(commitment, writer);
  commit_will_ = !(made && tell(kAuthTopic, message, now));
}

template <Transport Link, Signer Keys>
void Device<Link, Keys>::ask_receipt(Millis now) {
  if (flow_.unreceipted() == 0) {
    stuck_since_ = now;
  } else if (now - stuck_since_ >= kStuckMs && now - last_sent_ >= kStuckMs) {
    renew(now);
    return;
  }
  const bool many = flow_.unreceipted() >= kManyUnreceipted;
  const bool old = flow_.unreceipted() != 0 && now - last_sent_ >= options_.receipt_after;
  const bool may_ask = !asked_ || now - asked_at_ >= kSecondMs;
  if ((many || old || !flow_.may_tell()) && may_ask && request_receipt(keys_.kid(), now)) {
    asked_ = true;
    asked_at_ = now;
  }
  // what T did not take waits for the next session; with nothing else to do, that is now
  if (flow_.held() != 0 && flow_.unreceipted() == 0 && !flow_.has_unsent() && held_.may(now)) {
    renew(now);
  }
}

template <Transport Link, Signer Keys>
std::uint16_t Device<Link, Keys>::next_id() {
  do {
    ++packet_id_;
  } while (packet_id_ == 0 || flow_.knows(packet_id_));
  return packet_id_;
}

/// Fail closed: without flash or entropy nothing is signed. Whoever runs the device decides.
template <Transport Link, Signer Keys>
DeviceEvent Device<Link, Keys>::fail(Refusal why) {
  mqtt_.close();
  phase_ = Phase::waiting;
  fault_ = why;
  return {.what = DeviceEvent::What::fault, .fault = why};
}

}  // namespace countersign::mcu
