#include "countersign/identity.hpp"

namespace countersign {
namespace {

constexpr bool is_identity_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

}  // namespace

bool is_identity(std::string_view text) {
  if (text.empty() || text.size() > kMaxIdentityBytes) {
    return false;
  }
  for (const char c : text) {
    if (!is_identity_character(c)) {
      return false;
    }
  }
  return true;
}

bool owns_client_id(std::string_view identity, std::string_view client_id) {
  if (identity.empty() || head_of(client_id, identity.size()) != identity) {
    return false;
  }
  return client_id.size() == identity.size() || client_id[identity.size()] == '~';
}

std::string_view owner_of(std::string_view client_id) {
  const std::string_view head = head_of(client_id, client_id.find('~'));
  return is_identity(head) ? head : std::string_view{};
}

bool is_stranger(std::string_view client_id) {
  return client_id.size() >= kMinStrangerBytes && client_id[0] == '~' && is_addressable(client_id);
}

bool is_addressable(std::string_view client_id) {
  for (const char c : client_id) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '/' || c == '+' || c == '#' || code < 0x20 || code == 0x7F) {
      return false;
    }
  }
  return !client_id.empty();
}

Identity::Identity(std::string_view text) {
  if (!is_identity(text)) {
    return;
  }
  for (const char c : text) {
    text_[size_++] = c;
  }
}

}  // namespace countersign
