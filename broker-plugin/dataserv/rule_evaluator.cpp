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
  Heard heard{reading.identity, {reading.payload, format_}, reading.now, reading.footprint};
  Device& device = device_of(reading);
  heard.note(device);
  for (Seat& seat : device.seats) {
    heard.note(seat);
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

/// Where its sender noted, unless another rule did or it has moved since; else it is looked for.
RuleEvaluator::Device& RuleEvaluator::device_of(const Reading& reading) {
  std::size_t place = reading.place == nullptr ? 0 : *reading.place;
  if (place >= devices_.size() || devices_[place].identity != reading.identity) {
    const auto found = places_.find(reading.identity);
    place = found != places_.end() ? found->second : join(reading.identity);
  }
  if (reading.place != nullptr) {
    *reading.place = static_cast<std::uint32_t>(place);
  }
  return devices_[place];
}

/// Of hundreds of groups a device is in a few: which ones is found out once.
std::size_t RuleEvaluator::join(std::string_view identity) {
  Device& device = devices_.emplace_back(Device{std::string{identity}, {}});
  for (const auto& judge : judges_) {
    if (judge->concerns(identity)) {
      device.seats.push_back({judge.get()});
    }
  }
  device.seats.shrink_to_fit();
  return places_[device.identity] = devices_.size() - 1;
}

void RuleEvaluator::forget(std::string_view identity) {
  if (const auto found = places_.find(identity); found != places_.end()) {
    const std::size_t place = found->second;
    std::swap(devices_[place], devices_.back());
    places_[devices_[place].identity] = place;
    places_.erase(places_.find(identity));
    devices_.pop_back();
  }
  for (const auto& judge : judges_) {
    judge->forget(identity);
  }
}

}  // namespace countersign::dataserv
