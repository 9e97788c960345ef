#include "dataserv/range_judge.hpp"

#include <algorithm>

namespace countersign::dataserv {

Opinion RangeJudge::judge(Heard& heard, std::size_t& /*place*/) {
  const bool all = std::all_of(ranges_.begin(), ranges_.end(), [&](const config::Range& range) {
    const auto number = heard.values.at(range.path);
    return number && *number >= range.min && *number <= range.max;
  });
  return all ? Opinion::in_range : Opinion::out_of_range;
}

}  // namespace countersign::dataserv
