#pragma once

#include "config/evaluation.hpp"
#include "dataserv/judge.hpp"

namespace countersign::dataserv {

/// Accepts a payload whose numbers all lie in their ranges. What is not there is out of range.
class RangeJudge final : public Judge {
 public:
  explicit RangeJudge(std::vector<config::Range> ranges) : ranges_{std::move(ranges)} {}

  [[nodiscard]] Opinion judge(Heard& heard, std::size_t& place) override;
  [[nodiscard]] bool learns() const override { return false; }
  [[nodiscard]] std::string_view name() const override { return "range"; }

 private:
  std::vector<config::Range> ranges_;
};

}  // namespace countersign::dataserv
