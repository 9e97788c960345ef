#include "vault/vault.hpp"

#include "countersign/rekey.hpp"
#include "vault/renew.hpp"

namespace countersign::mcu {
namespace {

constexpr std::uint8_t kTriesOfAKey = 3;

Result<std::size_t> copy_out(ByteView message, MutableBytes out) {
  if (message.empty() || message.size() > out.size()) {
    return message.empty() ? Refusal::bad_handshake : Refusal::too_large;
  }
  copy(message, out);
  return message.size();
}

Result<HandshakeStep> step_with(ByteView answer, MutableBytes out) {
  const auto size = copy_out(answer, out);
  return size ? Result<HandshakeStep>{HandshakeStep{
                    .answer_bytes = *size, .finished = false, .receipt = {}}}
              : size.why();
}

}  // namespace

Vault::Vault(const Parts& parts, const Profile& profile)
    : crypto_{parts.crypto},
      random_{parts.random},
      key_{parts.key},
      numbers_{parts.numbers},
      commands_{parts.commands},
      profile_{profile},
      session_{parts.session_mac} {}

Result<std::size_t> Vault::begin(MutableBytes out) {
  if (profile_.method == Method::aplus) {
    return begin_aplus(out);
  }
  Writer writer{out};
  const PasswordClaim claim{.user = profile_.identity, .password = profile_.password};
  return write_password_claim(claim, writer) ? Result<std::size_t>{writer.written().size()}
                                             : Refusal::too_large;
}

Result<std::size_t> Vault::begin_aplus(MutableBytes out) {
  // with two keys T may know either: after a few tries it is the other one's turn
  const bool other = key_.next() != nullptr && ++tries_ > kTriesOfAKey;
  if (!aplus_.first().empty() && !aplus_.answered() && !other) {
    return copy_out(aplus_.first(), out);
  }
  tries_ = 0;
  renew(aplus_);
  const auto epoch = numbers_.next_epoch();
  if (!epoch) {
    return epoch.why();
  }
  HandshakeKey handshake;
  handshake.epoch = *epoch;
  under_next_ = key_.next() != nullptr && !under_next_;
  if (!random_.fill(handshake.r1) ||
      !derive_handshake_key(key(), profile_.identity, profile_.server_id, handshake)) {
    return Refusal::internal;
  }
  const auto m1 = aplus_.start(crypto_, random_, handshake, profile_.identity, profile_.server_id,
                               profile_.suite);
  return m1 ? copy_out(*m1, out) : m1.why();
}

Result<HandshakeStep> Vault::take(ByteView message, MutableBytes out) {
  if (message.empty()) {
    return Refusal::malformed;
  }
  switch (std::to_integer<std::uint8_t>(message[0])) {
    case kSecondMark:
      return take_second(message, out);
    case kQuestionMark:
      return take_question(message, out);
    case kFinishedMark:
      return take_finished(message);
    default:
      return Refusal::malformed;
  }
}

Result<HandshakeStep> Vault::take_second(ByteView m2, MutableBytes out) {
  const auto m3 = aplus_.answer(crypto_, random_, m2);
  return m3 ? step_with(*m3, out) : m3.why();
}

/// The same q has the same answer; another takes the place of the older of two.
Result<HandshakeStep> Vault::take_question(ByteView q, MutableBytes out) {
  if (profile_.method != Method::mfar) {
    return Refusal::bad_handshake;
  }
  for (const std::size_t i : {latest_, before_}) {
    if (!mfar_[i].answered()) {
      continue;
    }
    if (const auto a = answer_with(mfar_[i], q)) {
      before_ = i == latest_ ? before_ : latest_;
      latest_ = i;
      return step_with(*a, out);
    }
  }
  // a third one, so that a question without an answer costs none of the two
  const std::size_t spare = mfar_.size() - latest_ - before_;
  const auto a = answer_with(mfar_[spare], q);
  if (!a) {
    renew(mfar_[spare]);
    return a.why();
  }
  renew(mfar_[before_]);
  before_ = latest_;
  latest_ = spare;
  return step_with(*a, out);
}

Result<ByteView> Vault::answer_with(MfarInitiator& one, ByteView q) {
  return one.answer(crypto_, random_, key(), profile_.fields, profile_.suite, q, room_);
}

Result<HandshakeStep> Vault::take_finished(ByteView finished) {
  if (profile_.method == Method::aplus) {
    const auto receipt = aplus_.finish(crypto_, finished);
    return receipt ? adopt(aplus_.agreement(), *receipt) : receipt.why();
  }
  for (MfarInitiator& one : mfar_) {
    if (const auto receipt = one.finish(crypto_, finished)) {
      return adopt(one.agreement(), *receipt);
    }
  }
  return Refusal::bad_handshake;
}

Result<HandshakeStep> Vault::adopt(const Agreement& agreement, const Receipt& receipt) {
  if (under_next_ && !key_.promote()) {
    return Refusal::internal;
  }
  if (!session_.open(crypto_, agreement)) {
    session_.close();
    return Refusal::internal;
  }
  under_next_ = false;
  renew(aplus_);
  renew(mfar_);
  return HandshakeStep{.answer_bytes = 0, .finished = true, .receipt = receipt};
}

Result<std::size_t> Vault::rekey(MutableBytes out) {
  if (!has_session() || out.size() < kRekeyBytes) {
    return has_session() ? Refusal::too_large : Refusal::unknown_kid;
  }
  if (key_.next() == nullptr) {
    Key32 next;
    if (!next_key(crypto_, key_.present(), session_.sk(), next) || !key_.store_next(next)) {
      return Refusal::internal;
    }
  }
  const MacKey* const next = key_.next();
  return next != nullptr && write_rekey(*next, kRekeyMark, out.first<kRekeyBytes>())
             ? Result<std::size_t>{kRekeyBytes}
             : Refusal::internal;
}

Refusal Vault::rekeyed(ByteView message) {
  const MacKey* const next = key_.next();
  if (next == nullptr) {
    return Refusal::malformed;
  }
  if (check_rekey(*next, kRekeyedMark, message) == Refusal::none) {
    forget_first_of(!under_next_);
    return key_.promote() ? Refusal::none : Refusal::internal;
  }
  const Refusal why = check_rekey(key_.present(), kRekeyedMark, message);
  if (why != Refusal::none) {
    return why;
  }
  forget_first_of(under_next_);
  return key_.drop_next() ? Refusal::none : Refusal::internal;
}

/// One key is left. A first message under the other one, which nobody answered, would be repeated
/// for ever; one that was answered ends by itself.
void Vault::forget_first_of(bool other_key) {
  if (other_key && !aplus_.answered()) {
    renew(aplus_);
  }
  under_next_ = false;
}

bool Vault::settle() { return numbers_.last_kid() == kid() || numbers_.note_kid(kid()); }

Result<std::uint32_t> Vault::next_reading() {
  const std::uint32_t next = numbers_.upcoming();
  return numbers_.next_message(next % kControlEvery == 0 ? next + 1 : next);
}

Result<std::uint32_t> Vault::next_control(std::uint32_t least) {
  const std::uint32_t next = numbers_.upcoming() > least ? numbers_.upcoming() : least;
  return numbers_.next_message((next + kControlEvery - 1) / kControlEvery * kControlEvery);
}

void Vault::give_up() {
  if (aplus_.answered()) {
    renew(aplus_);
  }
  // what T did not take may have been under the wrong one of two keys
  if (mfar_[latest_].answered()) {
    under_next_ = key_.next() != nullptr && !under_next_;
  }
  renew(mfar_);
}

/// The one that this handshake proves.
const MacKey& Vault::key() const {
  const MacKey* const next = key_.next();
  return under_next_ && next != nullptr ? *next : key_.present();
}

bool Vault::answered() const { return aplus_.answered() || mfar_[latest_].answered(); }

Result<std::size_t> Vault::answer_again(MutableBytes out) const {
  return profile_.method == Method::aplus ? copy_out(aplus_.third(), out)
                                          : copy_out(mfar_[latest_].message(), out);
}

}  // namespace countersign::mcu
