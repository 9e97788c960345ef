#pragma once

#include <algorithm>
#include <vector>

#include "countersign/mfar_query.hpp"
#include "engine/registry.hpp"

namespace countersign::engine {

/// Device data as queries see it. Borrows from the registration.
class RegistrationFieldList {
 public:
  /// Null: what many a device has, for questions to which no answer is right. `required`: only the
  /// fields that every device has.
  explicit RegistrationFieldList(const store::Registration* registration, bool required = false) {
    if (registration == nullptr) {
      constexpr std::string_view kAnything = "00000000-0000-0000-0000-000000000000";
      for (const std::string_view name : kRequiredFields) {
        fields_.push_back({name, bytes_of(kAnything)});
      }
      return;
    }
    for (const auto& [name, value] : registration->data) {
      if (required && std::find(kRequiredFields.begin(), kRequiredFields.end(), name) ==
                          kRequiredFields.end()) {
        continue;
      }
      fields_.push_back({name, bytes_of(value)});
    }
  }

  [[nodiscard]] RegistrationFields view() const { return fields_; }

 private:
  std::vector<RegistrationField> fields_;
};

}  // namespace countersign::engine
