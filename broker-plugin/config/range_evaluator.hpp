#pragma once

#include <string>
#include <utility>
#include <vector>

#include "countersign/rule.hpp"

namespace countersign::config {

/// Where a number stands in a payload and between which bounds it is accepted.
struct Range {
  bool text = false;    ///< the payload as a whole is the number, white space around it apart
  std::string pointer;  ///< else a JSON pointer (RFC 6901)
  double min = 0;
  double max = 0;
};

/// Accepts a payload whose numbers all lie in their ranges, bounds included. What is not there, no
/// number or no JSON is out of range.
class RangeEvaluator final : public Evaluator {
 public:
  explicit RangeEvaluator(std::vector<Range> ranges) : ranges_{std::move(ranges)} {}
  virtual ~RangeEvaluator() = default;

  [[nodiscard]] Evaluation evaluate(ByteView payload) const override;
  [[nodiscard]] const std::vector<Range>& ranges() const { return ranges_; }

 private:
  std::vector<Range> ranges_;
};

}  // namespace countersign::config
