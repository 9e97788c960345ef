#pragma once

#include "core/device.hpp"

/// How a `Device` connects, resumes and comes back. Part of core/device.hpp.
namespace countersign::mcu {

template <Transport Link, Signer Keys>
DeviceEvent Device<Link, Keys>::connect(Millis now) {
  resuming_ = resume_next_ && keys_.has_session();
  if (!resuming_ && now < login_at_) {
    connect_at_ = login_at_;
    return {};
  }
  if (resuming_) {
    client_.set(keys_.profile().identity);
  } else if (!client_.make_stranger(random_)) {
    return fail(Refusal::internal);
  }
  proven_ = false;
  phase_ = Phase::opening;
  if (!mqtt_.open(options_.broker, now)) {
    connect_later(now);
  }
  return {};
}

template <Transport Link, Signer Keys>
DeviceEvent Device<Link, Keys>::introduce(Millis now) {
  ConnectPacket packet{.client_id = client_.text(),
                       .username = {},
                       .password = {},
                       .will = options_.will,
                       .keep_alive_s = options_.keep_alive_s,
                       .clean = true};
  std::array<char, kResumeTextBytes> proof;
  if (resuming_) {
    packet.username = keys_.profile().identity;
    packet.password = bytes_of(keys_.resume(client_.text(), proof));
    packet.clean = false;
    proven_ = true;
  }
  if (!mqtt_.connect(packet, now)) {
    mqtt_.close();
    return lost(now);
  }
  return {};
}

template <Transport Link, Signer Keys>
DeviceEvent Device<Link, Keys>::opened(bool session_present, Millis now) {
  filters_done_ = session_present ? options_.filters.size() : 0;
  if (!resuming_) {
    phase_ = Phase::handshaking;
    pace_.start(now);
    return drive(now);
  }
  unanswered_ = 0;
  proven_n_ = keys_.resume_n();
  send_again(now);
  return go_online(now);
}

template <Transport Link, Signer Keys>
DeviceEvent Device<Link, Keys>::go_online(Millis now) {
  phase_ = Phase::online;
  resume_next_ = true;
  connect_pause_.reset();
  commit_will_ = !options_.will.topic.empty();
  last_sent_ = now;
  return {.what = DeviceEvent::What::online};
}

/// 4 and 5: the proof was judged, and the session is not known any more (MQTT 3.1.1, 3.2.2.3).
template <Transport Link, Signer Keys>
DeviceEvent Device<Link, Keys>::refused(std::uint8_t code, Millis now) {
  phase_ = Phase::waiting;
  if (resuming_ && (code == 4 || code == 5)) {
    resume_next_ = false;
    connect_at_ = now + BackOff::draw(random_, options_.hint_delay);
    return {};
  }
  connect_later(now);
  return {};
}

template <Transport Link, Signer Keys>
DeviceEvent Device<Link, Keys>::lost(Millis now) {
  const Phase before = phase_;
  enforced_ = false;
  if (pace_.active() && pace_.has_answer()) {
    give_up_login(now);
  } else if (before == Phase::online) {
    pace_.cancel();  // T says again what it wants
  }
  if (before == Phase::opening && proven_) {
    // whether the proof was judged nobody knows: n + 1, and in turn a new handshake
    resume_next_ = ++unanswered_ % 2 == 1;
  }
  connect_later(now);
  return before == Phase::online ? DeviceEvent{.what = DeviceEvent::What::offline} : DeviceEvent{};
}

template <Transport Link, Signer Keys>
void Device<Link, Keys>::connect_later(Millis now) {
  phase_ = Phase::waiting;
  connect_at_ = now + connect_pause_.next(random_);
}

}  // namespace countersign::mcu
