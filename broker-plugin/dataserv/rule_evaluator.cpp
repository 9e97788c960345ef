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

RuleEvaluator::RuleEvaluator(const config::EvaluationSpec& spec)
    : format_{spec.format}, combine_{spec.combine} {
  if (!spec.ranges.empty()) {
    judges_.push_back(std::make_unique<RangeJudge>(spec.ranges));
  }
  for (const config::GroupSpec& group : spec.groups) {
    judges_.push_back(std::make_unique<GroupJudge>(group));
  }
  for (const config::CorrelatedSpec& correlated : spec.correlated) {
    judges_.push_back(std::make_unique<CorrelatedJudge>(correlated));
  }
  if (spec.rate) {
    judges_.push_back(std::make_unique<RateJudge>(*spec.rate));
  }
}

Evaluation RuleEvaluator::evaluate(const Reading& reading) {
  std::size_t opinions = 0;
  std::size_t objections = 0;
  Evaluation evaluation;
  Heard heard{reading.identity, {reading.payload, format_}, reading.now};
  for (Seat& seat : seats_of(reading.identity)) {
    if (!reading.authenticated && seat.judge->learns()) {
      continue;
    }
    const Opinion opinion = seat.judge->judge(heard, seat.place);
    opinions += opinion == Opinion::silent ? 0U : 1U;
    if (opinion == Opinion::out_of_range && ++objections == 1) {
      evaluation.objector = seat.judge->name();
    }
  }
  if (enough(combine_, objections, opinions)) {
    evaluation.finding = Finding::out_of_range;
    return evaluation;
  }
  return {.finding = opinions == 0 ? Finding::none : Finding::in_range, .objector = {}};
}

/// Of hundreds of groups a device is in a few: which ones is found out once.
std::vector<RuleEvaluator::Seat>& RuleEvaluator::seats_of(std::string_view identity) {
  if (const auto found = seats_.find(identity); found != seats_.end()) {
    return found->second;
  }
  std::vector<Seat>& seats = seats_[std::string{identity}];
  for (const auto& judge : judges_) {
    if (judge->concerns(identity)) {
      seats.push_back({judge.get()});
    }
  }
  seats.shrink_to_fit();
  return seats;
}

void RuleEvaluator::forget(std::string_view identity) {
  if (const auto found = seats_.find(identity); found != seats_.end()) {
    seats_.erase(found);
  }
  for (const auto& judge : judges_) {
    judge->forget(identity);
  }
}

}  // namespace countersign::dataserv
