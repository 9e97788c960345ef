#include "countersign/client/card/card.hpp"

#include <array>

#include "countersign/client/card/card_session.hpp"
#include "countersign/client/card/seal_personalisation.hpp"
#include "countersign/client/key_text.hpp"
#include "openssl/crypto.hpp"

namespace countersign::client {
namespace {

CardFailure about_puk(CardFailure failure) {
  failure.puk = true;
  return failure;
}

/// PUT DATA means other things by these status words.
CardFailure about_personalising(CardFailure failure, LifeCycle state) {
  if (failure.status == 0x6985 && state != LifeCycle::terminated) {
    failure.what = CardError::already_personalised;
  }
  return failure;
}

bool has_holder(LifeCycle state) {
  return state == LifeCycle::active || state == LifeCycle::deactivated;
}

CardFailure read_identity(CardSession& session, Identity& out) {
  Answer answer;
  const CardFailure failure = session.exchange(Apdu{get_data(0x01), {}, std::uint8_t{0}}, answer);
  if (failure.failed()) {
    return failure;
  }
  out = Identity{text_of(answer.data())};
  return {.what = out.empty() ? CardError::malformed : CardError::none};
}

CardFailure read_details(CardSession& session, CardInfo& info) {
  CardFailure failure = session.read_number(0x02, info.epoch);
  if (!failure.failed()) {
    failure = session.read_number(0x03, info.checksum_counter);
  }
  if (!failure.failed()) {
    failure = session.read_number(0x05, info.admin_counter);
  }
  if (failure.failed() || !has_holder(info.life_cycle)) {
    return failure;
  }
  failure = read_identity(session, info.identity);
  return failure.failed() ? failure : session.tries_left(info.pin_tries, info.puk_tries);
}

/// Somebody else may have spent tries since a person was asked.
CardFailure may_spend_a_try(CardSession& session, bool puk, std::uint8_t least_tries) {
  std::uint8_t pin_tries = 0;
  std::uint8_t puk_tries = 0;
  if (const CardFailure failure = session.tries_left(pin_tries, puk_tries); failure.failed()) {
    return failure;
  }
  const std::uint8_t left = puk ? puk_tries : pin_tries;
  if (left > 0 && left < least_tries) {
    return {.what = CardError::last_try, .tries = left};
  }
  return {};
}

}  // namespace

std::string hex_of(ByteView bytes) {
  std::string text(2 * bytes.size(), '0');
  write_hex(bytes, std::as_writable_bytes(std::span{text}));
  return text;
}

Card::Card(std::unique_ptr<CardSession> session) : session_{std::move(session)} {}
Card::Card(Card&&) noexcept = default;
Card& Card::operator=(Card&&) noexcept = default;
Card::~Card() = default;

Outcome<Card> Card::open(std::unique_ptr<CardTransport> transport, std::string reader) {
  auto session = std::make_unique<CardSession>(std::move(transport), std::move(reader));
  if (const CardFailure failure = session->run([] { return CardFailure{}; }); failure.failed()) {
    return failure.error();
  }
  return Card{std::move(session)};
}

const CardUid& Card::uid() const { return session_->selected().uid; }
const std::string& Card::reader() const { return session_->selected().reader; }
const CardFailure& Card::last_failure() const { return session_->last_failure(); }

Outcome<CardInfo> Card::info() {
  CardInfo info;
  const CardFailure failure = session_->run([&]() -> CardFailure {
    info = session_->selected();
    return read_details(*session_, info);
  });
  if (failure.failed()) {
    return session_->fail(failure);
  }
  return info;
}

Status Card::verify(const Pin& pin) {
  const CardFailure failure = session_->run([&] { return session_->verify(pin, 1); });
  if (failure.failed()) {
    return session_->fail(failure);
  }
  return Done{};
}

bool Card::has_pinpad() {
  bool has = false;
  static_cast<void>(session_->run([&]() -> CardFailure {
    has = session_->has_pinpad();
    return {};
  }));
  return has;
}

Status Card::change_pin(const Pin& old_pin, const Pin& new_pin, std::uint8_t least_tries) {
  SecretField field;
  field.writer().s8(old_pin.bytes()).s8(new_pin.bytes());
  const CardFailure failure = session_->run([&]() -> CardFailure {
    const CardFailure step = may_spend_a_try(*session_, false, least_tries);
    return step.failed() ? step : session_->exchange_pin(Apdu{kChangePin, field.bytes()});
  });
  if (failure.failed()) {
    return session_->fail(failure);
  }
  return Done{};
}

Status Card::unblock(const Pin& puk, const Pin& new_pin, std::uint8_t least_tries) {
  SecretField field;
  field.writer().s8(puk.bytes()).s8(new_pin.bytes());
  const CardFailure failure = session_->run([&]() -> CardFailure {
    const CardFailure step = may_spend_a_try(*session_, true, least_tries);
    return step.failed() ? step : session_->exchange_pin(Apdu{kResetRetry, field.bytes()});
  });
  if (failure.failed()) {
    return session_->fail(about_puk(failure));
  }
  return Done{};
}

Status Card::personalise(const LockedKey& transport_key, const Personalisation& what) {
  if (what.puk.bytes().size() < kMinPukBytes) {
    return Error{Fault::usage, "a PUK has 8 to 16 characters"};
  }
  if (what.pin.is_at_reader()) {
    return Error{Fault::usage, "a new PIN cannot be typed at the reader"};
  }
  openssl::OpenSslRandom random;
  Bytes<16> iv;
  SecretField field;
  if (!random.fill(iv) || !seal_personalisation(transport_key, uid(), what, iv, field)) {
    return Error{Fault::card, "the personalisation cannot be sealed"};
  }
  const CardFailure failure = session_->run([&] {
    Answer answer;
    return session_->exchange(Apdu{kPersonalise, field.bytes()}, answer);
  });
  if (failure.status == 0x6982) {
    static_cast<void>(session_->fail(failure));
    return Error{Fault::card, "the transport key is not that of this card",
                 "it was given to the card when the applet was installed"};
  }
  if (failure.failed()) {
    return session_->fail(about_personalising(failure, session_->selected().life_cycle));
  }
  return Done{};
}

Outcome<HandshakeKey> Card::handshake_key(std::string_view server_id, const Pin& pin,
                                          std::uint8_t least_tries) {
  HandshakeKey key;
  SecretField field;
  field.writer().s8(bytes_of(server_id));
  const CardFailure failure = session_->run([&]() -> CardFailure {
    CardFailure step = session_->verify(pin, least_tries);
    if (step.failed()) {
      return step;
    }
    Answer answer;
    step = session_->exchange(Apdu{kHandshakeKey, field.bytes(), std::uint8_t{0}}, answer);
    if (step.failed()) {
      return step;
    }
    Reader in{answer.data()};
    key.epoch = in.be<std::uint32_t>();
    key.r1 = in.array<kChallengeBytes>();
    copy(in.take(key.hk.bytes().size()), key.hk.fill());
    const bool sound = in.done() && key.epoch > 0 && key.epoch <= kMaxEpoch;
    return {.what = sound ? CardError::none : CardError::malformed};
  });
  if (failure.failed()) {
    return session_->fail(failure);
  }
  return key;
}

Outcome<Checksum> Card::checksum(const Digest& digest, const Pin& pin, std::uint8_t least_tries) {
  Checksum checksum;
  SecretField field;
  field.writer().be(std::uint8_t{0x80}).s8(digest);
  const CardFailure failure = session_->run([&]() -> CardFailure {
    CardFailure step = session_->verify(pin, least_tries);
    if (step.failed()) {
      return step;
    }
    Answer answer;
    step = session_->exchange(Apdu{kChecksum, field.bytes(), std::uint8_t{0}}, answer);
    if (step.failed()) {
      return step;
    }
    const auto tag = find_object(answer.data(), 0x8E);
    const auto counter = find_object(answer.data(), 0x02);
    if (!tag || tag->size() != kTagBytes || !counter || counter->size() != 4) {
      return {.what = CardError::malformed};
    }
    copy(*tag, checksum.tag);
    checksum.counter = Reader{*counter}.be<std::uint32_t>();
    return {};
  });
  if (failure.failed()) {
    return session_->fail(failure);
  }
  return checksum;
}

}  // namespace countersign::client
