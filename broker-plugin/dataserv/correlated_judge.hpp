#pragma once

#include <memory>

#include "config/evaluation.hpp"
#include "dataserv/judge.hpp"

namespace countersign::dataserv {

/// Objects to numbers of one message that do not belong together as they did before: their
/// Mahalanobis distance from the device's own baseline, by the covariance it learned. Says nothing
/// until it has seen `memory` readings of the device.
class CorrelatedJudge final : public Judge {
 public:
  explicit CorrelatedJudge(config::CorrelatedSpec spec);
  ~CorrelatedJudge() override;

  [[nodiscard]] Opinion judge(Heard& heard, std::size_t& place) override;
  [[nodiscard]] std::string_view name() const override { return "correlated"; }
  [[nodiscard]] std::string key() const override;
  [[nodiscard]] std::vector<std::byte> save() const override;
  [[nodiscard]] bool restore(ByteView image) override;
  void forget(std::string_view identity) override;

 private:
  struct State;
  struct States;
  [[nodiscard]] Opinion learn(State& state) const;

  config::CorrelatedSpec spec_;
  std::unique_ptr<States> states_;
};

}  // namespace countersign::dataserv
