#pragma once

#include <string>

namespace countersign::store {

/// The configuration that `setup` leaves for the operator: it observes and disturbs nothing.
/// \param state_directory empty: the usual places.
[[nodiscard]] std::string starter_toml(const std::string& server_id,
                                       const std::string& state_directory);

}  // namespace countersign::store
