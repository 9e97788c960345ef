#include "dataserv/rule_evaluator.hpp"

#include "dataserv/correlated_judge.hpp"
#include "dataserv/group_judge.hpp"
#include "dataserv/range_judge.hpp"
#include "dataserv/rate_judge.hpp"

namespace countersign::dataserv {
namespace {

/// True if so many objections out of so many opinions are enough.
bool enough(config::Combine combine, std::size_t objections, std::size_t opinions) {
  switch (combine) {
    case config::Combine::any:
      return objections > 0;
    case config::Combine::majority:
      return 2 * objections > opinions;
    case config::Combine::all:
      return opinions > 0 && objections == opinions;
  }
  return true;
}

}  // namespace

RuleEvaluator::RuleEvaluator(const config::EvaluationSpec& spec) : combine_{spec.combine} {
  if (!spec.ranges.empty()) {
    judges_.push_back(std::make_unique<RangeJudge>(spec.format, spec.ranges));
  }
  for (const config::GroupSpec& group : spec.groups) {
    judges_.push_back(std::make_unique<GroupJudge>(spec.format, group));
  }
  for (const config::CorrelatedSpec& correlated : spec.correlated) {
    judges_.push_back(std::make_unique<CorrelatedJudge>(spec.format, correlated));
  }
  if (spec.rate) {
    judges_.push_back(std::make_unique<RateJudge>(spec.format, *spec.rate));
  }
}

Evaluation RuleEvaluator::evaluate(const Reading& reading) {
  std::size_t opinions = 0;
  std::size_t objections = 0;
  Evaluation evaluation;
  for (const auto& judge : judges_) {
    if (!reading.authenticated && judge->learns()) {
      continue;
    }
    const Opinion opinion = judge->judge(reading);
    opinions += opinion == Opinion::silent ? 0U : 1U;
    if (opinion == Opinion::out_of_range && ++objections == 1) {
      evaluation.objector = judge->name();
    }
  }
  if (enough(combine_, objections, opinions)) {
    evaluation.finding = Finding::out_of_range;
    return evaluation;
  }
  return {.finding = opinions == 0 ? Finding::none : Finding::in_range, .objector = {}};
}

}  // namespace countersign::dataserv
