#include "config/range_evaluator.hpp"

#include <algorithm>

#include "config/json_number.hpp"

namespace countersign::config {
namespace {

bool holds(const Range& range, std::string_view payload) {
  const auto number = range.text ? text_number(payload) : find_number(payload, range.pointer);
  return number && *number >= range.min && *number <= range.max;
}

}  // namespace

Evaluation RangeEvaluator::evaluate(ByteView payload) const {
  const std::string_view text = text_of(payload);
  const bool all = std::all_of(ranges_.begin(), ranges_.end(),
                               [text](const Range& range) { return holds(range, text); });
  return all ? Evaluation::in_range : Evaluation::out_of_range;
}

}  // namespace countersign::config
