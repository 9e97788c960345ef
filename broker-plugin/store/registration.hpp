#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "countersign/bytes.hpp"

namespace countersign::store {

/// What an identity that has a password was given at its registration, and where it came from since
/// [MFA_R: RegServ; docs/protocol.md, section 6].
struct Registration {
  using Field = std::pair<std::string, std::string>;

  std::string password_hash;         ///< as Mosquitto writes them: `$7$…` or `$6$…`
  std::vector<Field> data;           ///< the device data, name and value; empty: compatibility
  std::vector<std::string> origins;  ///< addresses it has logged in from, the latest last
};

inline constexpr std::size_t kMaxDeviceFields = 16;
inline constexpr std::size_t kMaxOrigins = 4;
inline constexpr std::size_t kMaxRegistrationText = 255;  ///< bytes of every text in it

/// A registration as it is wrapped, and back:
///   size  field
///   1     1, the version
///   1+n   s8(password hash)
///   1     number of origins, then each as s8
///   1     number of fields, then each as s8(name) s8(value)
/// \returns empty, or nothing, for what does not fit.
[[nodiscard]] std::vector<std::byte> write_registration(const Registration& registration);
[[nodiscard]] std::optional<Registration> read_registration(ByteView image);

}  // namespace countersign::store
