#pragma once

#include "config/evaluation.hpp"
#include "dataserv/judge.hpp"

namespace countersign::dataserv {

/// Accepts a payload whose numbers all lie in their ranges. What is not there is out of range.
class RangeJudge final : public Judge {
 public:
  RangeJudge(config::Format format, std::vector<config::Range> ranges)
      : format_{format}, ranges_{std::move(ranges)} {}

  [[nodiscard]] Opinion judge(const Reading& reading) override;
  [[nodiscard]] bool learns() const override { return false; }
  [[nodiscard]] std::string_view name() const override { return "range"; }

 private:
  config::Format format_;
  std::vector<config::Range> ranges_;
};

}  // namespace countersign::dataserv
