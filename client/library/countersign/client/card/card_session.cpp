#include "countersign/client/card/card_session.hpp"

#include <array>
#include <chrono>
#include <thread>
#include <utility>

#include "countersign/client/card/pinpad.hpp"

namespace countersign::client {
namespace {

constexpr std::array<std::uint8_t, 7> kAid{0xF0, 0x43, 0x53, 0x49, 0x47, 0x4E, 0x01};
constexpr std::uint8_t kKnownMajor = 1;
constexpr int kServiceTries = 5;
constexpr std::chrono::milliseconds kServicePause{50};
constexpr int kMaxContinuations = 8;

/// 6F { 84 AID, A5 { 80 version, 81 capabilities, 82 UID, 83 life cycle } }
bool read_control_information(ByteView answer, CardInfo& out) {
  const auto outer = find_object(answer, 0x6F);
  const auto own = outer ? find_object(*outer, 0xA5) : std::nullopt;
  if (!own) {
    return false;
  }
  const auto version = find_object(*own, 0x80);
  const auto capabilities = find_object(*own, 0x81);
  const auto uid = find_object(*own, 0x82);
  const auto state = find_object(*own, 0x83);
  if (!version || version->size() != 2 || !capabilities || capabilities->size() != 1 || !uid ||
      uid->size() != kCardUidBytes || !state || state->size() != 1) {
    return false;
  }
  out.version = Reader{*version}.be<std::uint16_t>();
  out.capabilities = Reader{*capabilities}.be<std::uint8_t>();
  copy(*uid, out.uid);
  out.life_cycle = static_cast<LifeCycle>(Reader{*state}.be<std::uint8_t>());
  return true;
}

}  // namespace

CardError error_of(LifeCycle state) {
  switch (state) {
    case LifeCycle::created:
      return CardError::not_personalised;
    case LifeCycle::deactivated:
      return CardError::deactivated;
    case LifeCycle::terminated:
      return CardError::terminated;
    default:
      return CardError::wrong_life_cycle;
  }
}

std::uint16_t Answer::status() const {
  return Reader{ByteView{bytes_}.last(kStatusBytes)}.be<std::uint16_t>();
}

CardSession::CardSession(std::unique_ptr<CardTransport> transport, std::string reader)
    : transport_{std::move(transport)} {
  selected_.reader = std::move(reader);
}

CardSession::~CardSession() { transport_->disconnect(pin_sent_); }

/// pcscd ends when idle and is started again by the next who asks: it gets a moment.
CardError CardSession::connect_patiently() {
  CardError failed = CardError::no_service;
  for (int i = 0; i < kServiceTries && failed == CardError::no_service; ++i) {
    if (i > 0) {
      std::this_thread::sleep_for(kServicePause * (1 << (i - 1)));
    }
    failed = transport_->connect(selected_.reader);
  }
  connected_ = failed == CardError::none;
  return failed;
}

/// Connected, and in a transaction of our own.
CardFailure CardSession::enter() {
  CardError failed = connected_ ? transport_->begin() : CardError::no_card;
  if (failed == CardError::none) {
    return {};
  }
  if (failed == CardError::reset) {
    failed = transport_->reconnect();
  }
  if (failed != CardError::none) {
    failed = connect_patiently();
  }
  if (failed == CardError::none) {
    failed = transport_->begin();
  }
  return {.what = failed};
}

CardFailure CardSession::select() {
  Answer answer;
  const Apdu command{kSelect, std::as_bytes(std::span{kAid}), std::uint8_t{0}};
  const CardFailure failure = exchange(command, answer);
  if (failure.what == CardError::refused || failure.what == CardError::malformed) {
    return {.what = CardError::not_ours, .status = failure.status};
  }
  if (failure.failed()) {
    return failure;
  }
  CardInfo now = selected_;
  if (!read_control_information(answer.data(), now) || now.version >> 8 != kKnownMajor) {
    return {.what = CardError::not_ours};
  }
  if (known_ && now.uid != selected_.uid) {
    return {.what = CardError::other_card};
  }
  selected_ = now;
  known_ = true;
  return {};
}

CardFailure CardSession::run_once(const Work& work) {
  if (const CardFailure failure = enter(); failure.failed()) {
    return failure;
  }
  CardFailure failure = select();
  if (!failure.failed()) {
    failure = work();
  }
  transport_->end();
  return failure;
}

CardFailure CardSession::run(const Work& work) {
  pin_uncertain_ = false;
  CardFailure failure = run_once(work);
  if (failure.what == CardError::no_card || failure.what == CardError::no_service) {
    connected_ = false;  // what comes next connects anew
  }
  if (failure.what == CardError::reset && !pin_uncertain_) {
    failure = run_once(work);
  }
  if (failure.what == CardError::not_personalised) {
    failure.what = error_of(selected_.life_cycle);
  }
  return failure;
}

/// PC/SC can say success with nothing for a card that was just pulled.
CardError CardSession::transmit(const Apdu& command, std::vector<std::byte>& answer) {
  const CardError failed = transport_->transmit(command.bytes(), answer);
  const bool pulled = failed == CardError::none && answer.size() < Answer::kStatusBytes;
  return pulled ? CardError::no_card : failed;
}

CardFailure CardSession::exchange(const Apdu& command, Answer& answer) {
  if (!command.ok()) {
    return {.what = CardError::malformed};
  }
  CardError failed = transmit(command, answer.bytes_);
  std::vector<std::byte> more;
  for (int i = 0;
       failed == CardError::none && answer.status() >> 8 == 0x61 && i < kMaxContinuations; ++i) {
    const Apdu rest{kGetResponse, {}, static_cast<std::uint8_t>(answer.status() & 0xFFU)};
    failed = transmit(rest, more);
    answer.bytes_.pop_back();
    answer.bytes_.pop_back();
    answer.bytes_.insert(answer.bytes_.end(), more.begin(), more.end());
    wipe(more);
  }
  if (failed != CardError::none) {
    answer.bytes_.assign(Answer::kStatusBytes, std::byte{0});
    return {.what = failed};
  }
  return failure_of(answer.status());
}

CardFailure CardSession::exchange_pin(const Apdu& command) {
  Answer answer;
  pin_sent_ = true;
  const CardFailure failure = exchange(command, answer);
  pin_uncertain_ = failure.status == 0 && failure.failed();
  return failure;
}

CardFailure CardSession::read_number(std::uint8_t object, std::uint32_t& out) {
  Answer answer;
  const CardFailure failure = exchange(Apdu{get_data(object), {}, std::uint8_t{0}}, answer);
  if (failure.failed()) {
    return failure;
  }
  Reader in{answer.data()};
  out = in.be<std::uint32_t>();
  return {.what = in.done() ? CardError::none : CardError::malformed};
}

CardFailure CardSession::tries_left(std::uint8_t& pin, std::uint8_t& puk) {
  Answer answer;
  if (const CardFailure failure = exchange(Apdu{get_data(0x04), {}, std::uint8_t{0}}, answer);
      failure.failed()) {
    return failure;
  }
  Reader in{answer.data()};
  pin = in.be<std::uint8_t>();
  puk = in.be<std::uint8_t>();
  return {.what = in.done() ? CardError::none : CardError::malformed};
}

CardFailure CardSession::verify(const Pin& pin, std::uint8_t least_tries) {
  std::uint8_t tries = 0;
  std::uint8_t puk_tries = 0;
  if (const CardFailure failure = tries_left(tries, puk_tries); failure.failed()) {
    return failure;
  }
  if (tries == 0) {
    return {.what = CardError::pin_blocked};
  }
  if (tries < least_tries) {
    return {.what = CardError::last_try, .tries = tries};
  }
  return pin.is_at_reader() ? verify_at_reader() : exchange_pin(Apdu{kVerify, pin.bytes()});
}

bool CardSession::has_pinpad() {
  if (!std::exchange(pinpad_asked_, true)) {
    pinpad_ = find_pinpad(*transport_);
  }
  return pinpad_.has_value();
}

/// The one wait for a person inside a transaction: what the PIN is for must follow in the same
/// selection. The reader ends it after 30 s.
CardFailure CardSession::verify_at_reader() {
  if (!has_pinpad()) {
    return {.what = CardError::no_pinpad};
  }
  pin_sent_ = true;
  const CardFailure failure = verify_on_pinpad(*transport_, *pinpad_);
  pin_uncertain_ = failure.status == 0 && failure.failed();
  return failure;
}

Error CardSession::fail(const CardFailure& failure) {
  last_ = failure;
  return failure.error();
}

}  // namespace countersign::client
