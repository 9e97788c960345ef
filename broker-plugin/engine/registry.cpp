#include "engine/registry.hpp"

#include <algorithm>

namespace countersign::engine {
namespace {

constexpr std::size_t kMaxRoleSets = 4096;  // looked through one by one, and named in 16 bits

}  // namespace

Principal* Registry::find(std::string_view identity) {
  const auto found = principals_.find(identity);
  return found == principals_.end() ? nullptr : found->get();
}

Principal* Registry::find(std::string_view identity, Found& last) {
  if (last.principal == nullptr || last.removals != removals_ ||
      last.principal->identity != identity) {
    last = {find(identity), removals_};
  }
  return last.principal;
}

Principal& Registry::put(const store::Record& record) {
  Principal* principal = find(record.identity);
  if (principal == nullptr) {
    auto fresh = std::make_unique<Principal>();
    fresh->identity = record.identity;
    principal = principals_.insert(std::move(fresh)).first->get();
  }
  principal->kind = record.kind;
  principal->k = record.k;
  principal->epoch = record.epoch;
  principal->last_first = record.last_first;
  principal->reputation = record.reputation;
  principal->disabled = record.disabled;
  principal->blocked = record.blocked;
  principal->cloned = record.cloned;
  principal->expelled_until = record.expulsion.until;
  principal->strikes = record.expulsion.strikes;
  principal->last_strike = record.expulsion.last_strike;
  principal->suites = record.suites;
  principal->kid_ceiling = record.kid_ceiling;
  principal->kid_next = record.kid_ceiling;
  principal->kid_left = 0;
  principal->card_counter = record.card_counter;
  principal->registered_at = record.registered_at;
  set_roles(*principal, record.roles);
  if (record.kind == Kind::agent) {
    agents_.insert(principal);
  } else {
    agents_.erase(principal);
  }
  forget_card(*principal);
  principal->particulars.reset();
  if (!record.label.empty() || !record.reason.empty()) {
    principal->particulars = std::make_unique<Particulars>();
    principal->particulars->label = record.label;
    principal->particulars->reason = record.reason;
  }
  learn_card(*principal, record.card_uid);
  if (record.registration) {
    learn_registration(*principal, *record.registration);
  }
  return *principal;
}

void Registry::remove(std::string_view identity) {
  const auto found = principals_.find(identity);
  if (found == principals_.end()) {
    return;
  }
  if (const auto* const registration = (*found)->registration(); registration != nullptr) {
    release_data(*registration);
  }
  forget_card(**found);
  agents_.erase(found->get());
  principals_.erase(found);
  ++removals_;
}

store::Record Registry::record_of(const Principal& principal) const {
  store::Record record;
  record.identity = principal.identity;
  record.kind = principal.kind;
  record.k = principal.k;
  record.epoch = principal.epoch;
  record.last_first = principal.last_first;
  record.reputation = principal.reputation;
  record.disabled = principal.disabled;
  record.blocked = principal.blocked;
  record.cloned = principal.cloned;
  record.expulsion = {principal.expelled_until, principal.strikes, principal.last_strike};
  record.suites = principal.suites;
  record.kid_ceiling = principal.kid_ceiling;
  record.card_counter = principal.card_counter;
  record.registered_at = principal.registered_at;
  record.roles = role_sets_[principal.role_set];
  if (principal.particulars) {
    record.label = principal.particulars->label;
    record.reason = principal.particulars->reason;
    record.card_uid = principal.card() == nullptr ? std::string{} : principal.card()->uid;
    if (principal.particulars->registration) {
      record.registration = *principal.particulars->registration;
    }
  }
  return record;
}

bool Registry::has_role(const Principal& principal, std::string_view role) const {
  const auto roles = roles_of(principal);
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

void Registry::set_roles(Principal& principal, std::vector<std::string> roles) {
  std::sort(roles.begin(), roles.end());
  roles.erase(std::unique(roles.begin(), roles.end()), roles.end());
  auto place = std::find(role_sets_.begin(), role_sets_.end(), roles);
  if (place == role_sets_.end() && role_sets_.size() >= kMaxRoleSets) {
    place = unused_role_set();
  } else if (place == role_sets_.end()) {
    place = role_sets_.emplace(place);
  }
  if (place == role_sets_.end()) {
    principal.role_set = 0;  // no room: no roles, rather than somebody else's
    return;
  }
  *place = std::move(roles);
  principal.role_set = static_cast<std::uint16_t>(place - role_sets_.begin());
}

/// One that nobody has any more; never the first, which is empty.
std::vector<std::vector<std::string>>::iterator Registry::unused_role_set() {
  std::vector<bool> used(role_sets_.size());
  used[0] = true;
  for (const auto& principal : principals_) {
    used[principal->role_set] = true;
  }
  const auto free = std::find(used.begin(), used.end(), false);
  return role_sets_.begin() + (free - used.begin());
}

void Registry::learn_registration(Principal& principal, const store::Registration& registration) {
  if (!principal.particulars) {
    principal.particulars = std::make_unique<Particulars>();
  }
  principal.particulars->registration = std::make_unique<store::Registration>(registration);
  if (!registration.data.empty()) {
    known_data_.insert(data_digest(registration));
  }
}

bool Registry::claim_data(const store::Registration& registration) {
  return known_data_.insert(data_digest(registration)).second;
}

void Registry::release_data(const store::Registration& registration) {
  known_data_.erase(data_digest(registration));
}

/// Over the required fields alone: a free field makes no other device of it.
std::string Registry::data_digest(const store::Registration& registration) const {
  std::vector<std::byte> text(kRequiredFields.size() * (1 + store::kMaxRegistrationText));
  Writer out{text};
  for (const std::string_view name : kRequiredFields) {
    const auto field = std::find_if(registration.data.begin(), registration.data.end(),
                                    [&](const auto& one) { return one.first == name; });
    out.s8(field == registration.data.end() ? ByteView{} : bytes_of(field->second));
  }
  Digest digest{};
  const std::array<ByteView, 1> parts{out.written()};
  // a backend that fails here fails everywhere: nobody can shake hands then either
  static_cast<void>(crypto_.sha256(parts, digest));
  return std::string{text_of(digest)};
}

void Registry::for_each(const std::function<void(Principal&)>& visit) {
  for (const auto& principal : principals_) {
    visit(*principal);
  }
}

}  // namespace countersign::engine
