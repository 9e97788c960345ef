#include "engine/principal.hpp"

#include <algorithm>

namespace countersign::engine {

bool LiveSession::begin(const Crypto& crypto, const Agreement& agreement, Millis now) {
  DirectionKey keys;
  if (!open_session(crypto, agreement, now, *this, keys)) {
    return false;
  }
  up_key = openssl::OpenSslMacKey{keys.mac};
  up_mac = &up_key;
  return true;
}

bool Principal::has_live_session() const {
  return activity && std::any_of(activity->sessions.begin(), activity->sessions.end(),
                                 [](const auto& session) { return !session.over; });
}

Method Principal::method() const {
  if (kind == Kind::legacy) {
    return Method::password;
  }
  return registration() != nullptr ? Method::mfar : Method::aplus;
}

Activity& Principal::active() {
  if (!activity) {
    activity = std::make_unique<Activity>();
  }
  return *activity;
}

}  // namespace countersign::engine
