#pragma once

#include <memory>
#include <vector>

#include "config/evaluation.hpp"
#include "dataserv/judge.hpp"

namespace countersign::dataserv {

/// All evaluators of one rule, and how their opinions are combined. Every one hears every reading,
/// so that all of them learn.
class RuleEvaluator final : public Evaluator {
 public:
  explicit RuleEvaluator(const config::EvaluationSpec& spec);
  virtual ~RuleEvaluator() = default;

  [[nodiscard]] Evaluation evaluate(const Reading& reading) override;

  [[nodiscard]] const std::vector<std::unique_ptr<Judge>>& judges() const { return judges_; }

 private:
  std::vector<std::unique_ptr<Judge>> judges_;
  config::Combine combine_;
};

}  // namespace countersign::dataserv
