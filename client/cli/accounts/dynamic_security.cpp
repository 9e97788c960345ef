#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "account_sieve.hpp"
#include "accounts.hpp"
#include "countersign/identity.hpp"

namespace countersign::cli {
namespace {

using Json = nlohmann::json;
using Names = std::vector<std::string>;

constexpr std::size_t kMaxLabelBytes = 256;
constexpr std::size_t kMaxRoles = 64;

const Json& member(const Json& object, const char* key) {
  static const Json kNull;
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found == object.end() ? kNull : *found;
}

std::string text_at(const Json& object, const char* key) {
  const Json& value = member(object, key);
  return value.is_string() ? value.get<std::string>() : std::string{};
}

/// A role that may be given to others than those who were given it here.
bool is_harmless_role(const std::string& name) {
  constexpr std::array<std::string_view, 2> kOurs{"admin", "registrar"};
  return is_identity(name) && std::find(kOurs.begin(), kOurs.end(), name) == kOurs.end();
}

void add_role(std::string name, Names& roles) {
  if (roles.size() < kMaxRoles && is_harmless_role(name) &&
      std::find(roles.begin(), roles.end(), name) == roles.end()) {
    roles.push_back(std::move(name));
  }
}

Names roles_of(const Json& holder) {
  Names roles;
  for (const Json& role : member(holder, "roles")) {
    add_role(text_at(role, "rolename"), roles);
  }
  return roles;
}

/// The roles that members have by their groups.
std::map<std::string, Names> roles_by_member(const Json& document) {
  std::map<std::string, Names> out;
  for (const Json& group : member(document, "groups")) {
    const Names roles = roles_of(group);
    for (const Json& one : member(group, "clients")) {
      Names& theirs = out[text_at(one, "username")];
      std::for_each(roles.begin(), roles.end(), [&](const auto& role) { add_role(role, theirs); });
    }
  }
  return out;
}

/// Whole characters only.
std::string cut_label(std::string text) {
  const auto begins_character = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80;
  };
  if (text.size() > kMaxLabelBytes) {
    std::size_t end = kMaxLabelBytes;
    while (!begins_character(end)) {
      --end;
    }
    text.resize(end);
  }
  return text;
}

/// Mosquitto 2.0 writes `textName`, later ones `textname`.
std::string label_of(const Json& one) {
  const std::string label = text_at(one, "textname");
  return cut_label(label.empty() ? text_at(one, "textName") : label);
}

std::string hash_of(const Json& one) {
  const Json& iterations = member(one, "iterations");
  const std::string count = iterations.is_number_unsigned() ? iterations.dump() : std::string{};
  return "$7$" + count + "$" + text_at(one, "salt") + "$" + text_at(one, "password");
}

void read_client(const Json& one, std::size_t number, const Names& by_groups, AccountSieve& sieve) {
  const std::string name = text_at(one, "username");
  const Json& disabled = member(one, "disabled");
  if (name.empty()) {
    sieve.skip("client " + std::to_string(number), "has no username");
  } else if (!disabled.is_null() && disabled != false) {
    sieve.skip(name, "is disabled");
  } else if (text_at(one, "password").empty()) {
    sieve.skip(name, "has no password");
  } else {
    Names roles = roles_of(one);
    std::for_each(by_groups.begin(), by_groups.end(),
                  [&](const auto& role) { add_role(role, roles); });
    sieve.take({name, hash_of(one), label_of(one), std::move(roles)});
  }
}

}  // namespace

client::Outcome<Accounts> read_dynamic_security(std::string_view text) {
  const Json document = Json::parse(text, nullptr, false);
  const Json& clients = member(document, "clients");
  if (!clients.is_array()) {
    return client::Error{.fault = client::Fault::file,
                         .text = "it is no JSON with a list of clients",
                         .hint = "the file that plugin_opt_config_file of dynamic security names"};
  }
  auto by_groups = roles_by_member(document);
  AccountSieve sieve;
  std::size_t number = 0;
  for (const Json& one : clients) {
    read_client(one, ++number, by_groups[text_at(one, "username")], sieve);
  }
  return sieve.result();
}

}  // namespace countersign::cli
