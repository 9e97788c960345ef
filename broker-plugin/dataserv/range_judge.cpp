#include "dataserv/range_judge.hpp"

#include <algorithm>

#include "dataserv/value.hpp"

namespace countersign::dataserv {

Opinion RangeJudge::judge(const Reading& reading) {
  const bool all = std::all_of(ranges_.begin(), ranges_.end(), [&](const config::Range& range) {
    const auto number = find_value(reading.payload, format_, range.path);
    return number && *number >= range.min && *number <= range.max;
  });
  return all ? Opinion::in_range : Opinion::out_of_range;
}

}  // namespace countersign::dataserv
