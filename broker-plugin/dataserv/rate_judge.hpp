#pragma once

#include "config/evaluation.hpp"
#include "dataserv/judge.hpp"

namespace countersign::dataserv {

/// Objects to messages that come too soon or too late after the one before, and to a number that
/// has been the same for too long. What it knows is not saved: a start begins anew.
class RateJudge final : public Judge {
 public:
  explicit RateJudge(config::RateSpec spec) : spec_{std::move(spec)} {}

  [[nodiscard]] Opinion judge(Heard& heard, std::size_t& place) override;
  [[nodiscard]] std::string_view name() const override { return "rate"; }
  void forget(std::string_view identity) override;

 private:
  struct State {
    std::string identity;
    Millis last = 0;  ///< when its last message came; 0: never
    double number = 0;
    std::uint32_t equal = 0;  ///< how many in a row were `number`
  };
  [[nodiscard]] std::size_t place_of(std::string_view identity, std::size_t last);
  [[nodiscard]] bool timely(State& state, Millis now) const;
  [[nodiscard]] bool moving(State& state, Values& values) const;

  config::RateSpec spec_;
  std::vector<State> states_;
  ByIdentity<std::size_t> places_;
};

}  // namespace countersign::dataserv
