#pragma once

#include <array>
#include <cstdint>

#include "countersign/refusal.hpp"

namespace countersign::engine {

/// Counters since the start. Only the broker's thread touches them.
struct Metrics {
  std::uint64_t accepted = 0;
  std::uint64_t untouched = 0;  ///< passed by a rule that is off
  std::uint64_t observed = 0;   ///< delivered by a rule that observes and would have refused
  std::array<std::uint64_t, kRefusalNames.size()> refused{};
  std::uint64_t handshakes = 0;
  std::uint64_t resumes = 0;
  std::uint64_t enforcements = 0;
  std::uint64_t expulsions = 0;
  std::uint64_t failed_commits = 0;

  void refuse(Refusal why) { ++refused[static_cast<std::size_t>(why)]; }
};

}  // namespace countersign::engine
