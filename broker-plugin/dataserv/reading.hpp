#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "countersign/rule.hpp"

namespace countersign::dataserv {

/// What one evaluator says of one reading.
enum class Opinion : std::uint8_t {
  silent,  ///< it does not judge this device, or not yet
  in_range,
  out_of_range,
};

/// Finds by identity without making a string.
struct IdentityHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view identity) const {
    return std::hash<std::string_view>{}(identity);
  }
};
/// One state for each device that was ever judged: as many as there are identities, at the most.
template <class State>
using ByIdentity = std::unordered_map<std::string, State, IdentityHash, std::equal_to<>>;

}  // namespace countersign::dataserv
