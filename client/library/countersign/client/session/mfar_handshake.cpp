#include "countersign/client/session/mfar_handshake.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace countersign::client {

bool MfarHandshake::start(RegistrationKey key, const Identity& user, const Options& options) {
  key_ = std::move(key);
  user_ = user;
  suite_ = options.suite;
  step_one_ = options.step_one;
  patience_ = options.patience;
  step_pause_ = patience_.repeat_first;
  message_ = LockedBuffer{1 + 1 + kMaxIdentityBytes + 2 + kMaxPasswordBytes};
  Writer out{message_.bytes()};
  if (!write_password_claim({.user = user_.text(), .password = key_.password()}, out)) {
    return false;
  }
  message_.shrink(out.written().size());
  return true;
}

std::optional<PasswordClaim> MfarHandshake::claim() const {
  return step_one_ == StepOne::connect
             ? std::optional{PasswordClaim{.user = user_.text(), .password = key_.password()}}
             : std::nullopt;
}

/// CONNECT has carried step 1 already.
void MfarHandshake::connected(Millis now) {
  if (step_one_ == StepOne::topic) {
    hurry(now);
    return;
  }
  asked_ = true;
  next_due_ = now + step_pause_;
}

/// q comes by itself, in the session. Step 1 is for the case that it gets lost.
void MfarHandshake::demanded(Millis now) { next_due_ = now + patience_.repeat_first; }

void MfarHandshake::hurry(Millis now) {
  if (latest_ == nullptr) {
    next_due_ = now;
    step_pause_ = patience_.repeat_first;
  }
}

std::optional<Handshake::Sending> MfarHandshake::due(Millis now) {
  forget_old(now);
  if (finished() || spent() || now < next_due_) {
    return std::nullopt;
  }
  if (latest_ != nullptr) {
    // once more in its time: T counts each copy of a wrong one
    next_due_ = std::min(now + patience_.third / 2, latest_->until);
    return Sending{.message = latest_->side.message(), .travel = latest_->travel};
  }
  asked_ = true;
  next_due_ = now + step_pause_;
  step_pause_ = std::min(2 * step_pause_, patience_.max_back_off);
  return Sending{.message = std::as_const(message_).bytes()};
}

void MfarHandshake::forget_old(Millis now) {
  for (Answered& one : answered_) {
    if (one.until != 0 && now >= one.until && &one != winner_) {
      latest_ = latest_ == &one ? nullptr : latest_;
      one = {};
    }
  }
}

void MfarHandshake::take(const Crypto& crypto, Random& random, ByteView message, Travel travel,
                         Millis now) {
  forget_old(now);
  if (message.empty() || finished() || spent()) {
    return;
  }
  switch (std::to_integer<std::uint8_t>(message[0])) {
    case kQuestionMark:
      take_question(crypto, random, message, travel, now);
      return;
    case kFinishedMark:
      take_finished(crypto, message);
      return;
    default:
      return;
  }
}

/// Nothing signs q outside a session: there it must at least have been asked for.
void MfarHandshake::take_question(const Crypto& crypto, Random& random, ByteView q, Travel travel,
                                  Millis now) {
  if (travel == Travel::plain && !asked_) {
    return;
  }
  Answered* const one = answer_to(crypto, random, q, now);
  if (one == nullptr) {
    return;
  }
  if (travel == Travel::in_session) {
    one->travel = travel;  // never back: whoever repeats q in the clear gets nothing new
  }
  latest_ = one;
  next_due_ = now;
}

/// The same q has the same `a`. Another one takes the place of the older of two.
MfarHandshake::Answered* MfarHandshake::answer_to(const Crypto& crypto, Random& random, ByteView q,
                                                  Millis now) {
  const Key32 k_reg = key_.k_reg();
  for (Answered& one : answered_) {
    if (one.until != 0 && one.side.answer(crypto, random, k_reg, key_.fields(), suite_, q)) {
      return &one;
    }
  }
  Answered fresh{.side = {}, .until = now + patience_.third};
  if (!fresh.side.answer(crypto, random, k_reg, key_.fields(), suite_, q)) {
    return nullptr;
  }
  Answered& older =
      *std::min_element(answered_.begin(), answered_.end(),
                        [](const Answered& a, const Answered& b) { return a.until < b.until; });
  older = fresh;
  return &older;
}

void MfarHandshake::take_finished(const Crypto& crypto, ByteView finished) {
  for (Answered& one : answered_) {
    if (one.until == 0) {
      continue;
    }
    if (const auto receipt = one.side.finish(crypto, finished)) {
      receipt_ = *receipt;
      winner_ = &one;
      next_due_ = std::numeric_limits<Millis>::max();
      return;
    }
  }
}

}  // namespace countersign::client
