#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "countersign/bytes.hpp"

namespace countersign::config {

/// How the payloads of a rule are written.
enum class Format : std::uint8_t { json, cbor };

/// Where a number stands in a payload.
struct ValuePath {
  bool text = false;    ///< the payload as a whole is the number, as text
  std::string pointer;  ///< else a JSON pointer (RFC 6901), in JSON and CBOR alike
};

/// Between which bounds a number is accepted, bounds included.
struct Range {
  ValuePath path;
  double min = 0;
  double max = 0;
};

/// How far a number may be from what its device and its device's group let expect.
struct GroupSpec {
  ValuePath path;
  std::vector<std::string> members;  ///< identities; `*` stands for any run of characters
  double tolerance = 0;              ///< in the number's own unit
  std::uint32_t window = 60;         ///< readings that a device's own baseline looks back
  Millis fresh = 300'000;            ///< for how long a member's last reading speaks for it
};

/// How far the numbers of one message may be from what they were together.
struct CorrelatedSpec {
  std::vector<std::string> pointers;
  std::vector<double> resolution;  ///< of each number: what its sensor cannot tell apart
  double tolerance = 8;            ///< a Mahalanobis distance
  std::uint32_t window = 60;       ///< readings that the baseline looks back
  std::uint32_t memory = 720;      ///< readings that the covariance looks back
};

/// How often messages come, and whether their number ever changes.
struct RateSpec {
  Millis shortest = 0;      ///< between two messages; 0: whatever
  Millis longest = 0;       ///< between two messages; 0: whatever
  std::uint32_t stuck = 0;  ///< so many equal numbers in a row are too many; 0: whatever
  ValuePath path;           ///< of that number
};

/// How many of the evaluators must object for a message to be out of range.
enum class Combine : std::uint8_t { any, majority, all };

/// How many numbers of one message are compared with each other at the most.
inline constexpr std::size_t kMaxCorrelated = 4;

/// All that DataServ looks at in the payloads of one rule (docs/reputation.md).
struct EvaluationSpec {
  Format format = Format::json;
  Combine combine = Combine::any;
  std::vector<Range> ranges;
  std::vector<GroupSpec> groups;
  std::vector<CorrelatedSpec> correlated;
  std::optional<RateSpec> rate;

  [[nodiscard]] bool empty() const {
    return ranges.empty() && groups.empty() && correlated.empty() && !rate;
  }
};

}  // namespace countersign::config
