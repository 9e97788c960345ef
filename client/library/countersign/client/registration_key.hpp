#pragma once

#include <string_view>
#include <vector>

#include "countersign/client/locked.hpp"
#include "countersign/mfar_query.hpp"

namespace countersign::client {

// docs/protocol.md, section 6: four fields that must be, twelve free ones. RegServ's passwords have
// 43 bytes.
inline constexpr std::size_t kMaxRegistrationFields = 16;
inline constexpr std::size_t kMaxPasswordBytes = 255;

/// What a registration gave a device, and what the device had told about itself: all that MFA_R
/// needs. In locked memory. Moves, never copies.
class RegistrationKey {
 public:
  [[nodiscard]] Key32 k_reg() const { return k_reg_.key(); }
  [[nodiscard]] ByteView password() const { return password_; }
  /// In the order in which they were added.
  [[nodiscard]] RegistrationFields fields() const { return fields_; }

  void set_k_reg(LockedKey k_reg) { k_reg_ = std::move(k_reg); }
  /// Once. False if it is empty or too long.
  [[nodiscard]] bool set_password(ByteView password);
  /// False if the name is none or there already, the value is empty or too long, or there are
  /// `kMaxRegistrationFields`.
  [[nodiscard]] bool add_field(std::string_view name, ByteView value);

 private:
  static constexpr std::size_t kCapacity =
      kMaxPasswordBytes + kMaxRegistrationFields * (kMaxFieldNameBytes + kMaxFieldValueBytes);

  [[nodiscard]] ByteView keep(ByteView bytes);

  LockedKey k_reg_;
  LockedBuffer memory_;  // what the views below borrow from; it stays where it is
  std::size_t used_ = 0;
  ByteView password_;
  std::vector<RegistrationField> fields_;
};

}  // namespace countersign::client
