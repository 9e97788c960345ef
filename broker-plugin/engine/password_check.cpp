#include "engine/password_check.hpp"

#include <algorithm>

#include "engine/password.hpp"

namespace countersign::engine {
namespace {

/// Of nobody's password: a user who does not exist costs as much time as one who does.
const std::string& nobodys_hash() {
  static const std::string hash = "$7$1$AAAAAAAAAAAAAAAA$" + std::string(86, 'A') + "==";
  return hash;
}

/// Empty for elsewhere.
std::string_view origin_of(const store::Registration* registration, std::string_view address) {
  if (registration == nullptr) {
    return {};
  }
  const auto& known = registration->origins;
  return std::find(known.begin(), known.end(), address) == known.end() ? std::string_view{}
                                                                       : address;
}

}  // namespace

Credence PasswordCheck::judge(const Principal* principal, std::string_view user, ByteView password,
                              std::string_view address, Millis now) {
  const store::Registration* const registration =
      principal == nullptr ? nullptr : principal->registration();
  const std::string_view origin = origin_of(registration, address);
  if (lockouts_.waits(user, origin, now) ||
      (origin.empty() && context_.addresses.waits(address, now))) {
    return Credence::unseen;
  }
  const bool right =
      is_password(registration == nullptr ? nobodys_hash() : registration->password_hash, password);
  if (right && registration != nullptr) {
    return Credence::right;
  }
  lockouts_.wrong(user, origin, registration != nullptr, now);
  return Credence::wrong;
}

bool PasswordCheck::is_right(const Principal& principal, ByteView password) {
  const store::Registration* const registration = principal.registration();
  return registration != nullptr && is_password(registration->password_hash, password);
}

void PasswordCheck::logged_in(Principal& principal, std::string_view address) {
  store::Registration* const registration =
      principal.particulars ? principal.particulars->registration.get() : nullptr;
  if (registration == nullptr) {
    return;
  }
  lockouts_.right(principal.identity, origin_of(registration, address));
  auto& known = registration->origins;
  const bool latest = !known.empty() && known.back() == address;
  if (latest || address.empty() || address.size() > store::kMaxRegistrationText) {
    return;
  }
  std::erase(known, address);
  if (known.size() >= store::kMaxOrigins) {
    known.erase(known.begin());
  }
  known.emplace_back(address);
  context_.commits.submit(store::SetRegistration{principal.identity, *registration});
}

}  // namespace countersign::engine
