#include <algorithm>
#include <array>
#include <utility>

#include "config/rules.hpp"

namespace countersign::config {
namespace {

using Who = Permission::Who;

constexpr std::string_view kKindPrefix = "kind:";
constexpr std::string_view kRolePrefix = "role:";
constexpr std::string_view kIdPrefix = "id:";

std::optional<Permission> named(Who who, std::string_view name) {
  if (!is_identity(name)) {
    return std::nullopt;
  }
  return Permission{who, Kind::device, std::string{name}};
}

std::optional<Permission> of_kind(std::string_view name) {
  const auto* const found = std::find(kKindNames.begin(), kKindNames.end(), name);
  if (found == kKindNames.end()) {
    return std::nullopt;
  }
  return Permission{Who::kind, static_cast<Kind>(found - kKindNames.begin()), {}};
}

bool grants(const Permission& permission, const Party& party, std::string_view bound) {
  if (permission.who == Who::anyone) {
    return true;
  }
  if (!party.known()) {
    return false;
  }
  switch (permission.who) {
    case Who::bound:
      return bound == party.identity;
    case Who::known:
      return true;
    case Who::kind:
      return party.kind == permission.kind;
    case Who::role:
      return std::find(party.roles.begin(), party.roles.end(), permission.name) !=
             party.roles.end();
    case Who::identity:
      return party.identity == permission.name;
    case Who::anyone:
      break;
  }
  return false;
}

}  // namespace

std::optional<Permission> Permission::parse(std::string_view text) {
  if (text == "%d") {
    return Permission{Who::bound, Kind::device, {}};
  }
  if (text == "anyone") {
    return Permission{Who::anyone, Kind::device, {}};
  }
  if (text == "known") {
    return Permission{Who::known, Kind::device, {}};
  }
  if (text.starts_with(kKindPrefix)) {
    return of_kind(text.substr(kKindPrefix.size()));
  }
  if (text.starts_with(kRolePrefix)) {
    return named(Who::role, text.substr(kRolePrefix.size()));
  }
  if (text.starts_with(kIdPrefix)) {
    return named(Who::identity, text.substr(kIdPrefix.size()));
  }
  return std::nullopt;
}

std::string Permission::text() const {
  switch (who) {
    case Who::bound:
      return "%d";
    case Who::anyone:
      return "anyone";
    case Who::known:
      return "known";
    case Who::kind:
      return std::string{kKindPrefix}.append(name_of(kind));
    case Who::role:
      return std::string{kRolePrefix}.append(name);
    case Who::identity:
      break;
  }
  return std::string{kIdPrefix}.append(name);
}

const Permission* grant(const Permissions& list, const Party& party, std::string_view bound) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const Permission& permission) {
    return grants(permission, party, bound);
  });
  return found == list.end() ? nullptr : &*found;
}

}  // namespace countersign::config
