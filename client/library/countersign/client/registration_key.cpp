#include "countersign/client/registration_key.hpp"

#include <algorithm>

namespace countersign::client {

bool RegistrationKey::set_password(ByteView password) {
  if (password.empty() || password.size() > kMaxPasswordBytes || !password_.empty()) {
    return false;
  }
  password_ = keep(password);
  return !password_.empty();
}

bool RegistrationKey::add_field(std::string_view name, ByteView value) {
  const bool known =
      std::any_of(fields_.begin(), fields_.end(),
                  [&](const RegistrationField& field) { return field.name == name; });
  if (known || !is_field_name(name) || value.empty() || value.size() > kMaxFieldValueBytes ||
      fields_.size() == kMaxRegistrationFields) {
    return false;
  }
  const ByteView kept_name = keep(bytes_of(name));
  const ByteView kept_value = keep(value);
  if (kept_name.empty() || kept_value.empty()) {
    return false;
  }
  fields_.push_back({text_of(kept_name), kept_value});
  return true;
}

/// A copy in locked memory; empty if the system gives none.
ByteView RegistrationKey::keep(ByteView bytes) {
  if (memory_.empty()) {
    memory_ = LockedBuffer{kCapacity};
  }
  if (memory_.bytes().size() - used_ < bytes.size()) {
    return {};
  }
  const MutableBytes room = memory_.bytes().subspan(used_, bytes.size());
  copy(bytes, room);
  used_ += bytes.size();
  return room;
}

}  // namespace countersign::client
