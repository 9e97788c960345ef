#include "dataserv/correlated_judge.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "dataserv/image.hpp"

namespace countersign::dataserv {
namespace {

constexpr int kMax = static_cast<int>(config::kMaxCorrelated);

// of a fixed greatest size, so that nothing is allocated
using Numbers = Eigen::Matrix<double, Eigen::Dynamic, 1, 0, kMax, 1>;
using Covariance = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, kMax, kMax>;

}  // namespace

struct CorrelatedJudge::State {
  Numbers base;
  Numbers move;  ///< how far the last reading was from there
  Covariance covariance;
  std::uint32_t seen = 0;
};

struct CorrelatedJudge::States : ByIdentity<State> {};

CorrelatedJudge::CorrelatedJudge(config::CorrelatedSpec spec)
    : spec_{std::move(spec)}, states_{std::make_unique<States>()} {}

CorrelatedJudge::~CorrelatedJudge() = default;

std::string CorrelatedJudge::key() const {
  std::string key{name()};
  for (const std::string& pointer : spec_.pointers) {
    key += ' ' + pointer;
  }
  return key;
}

Opinion CorrelatedJudge::judge(Heard& heard, std::size_t& /*place*/) {
  const auto size = static_cast<Eigen::Index>(spec_.pointers.size());
  Numbers numbers(size);
  for (Eigen::Index i = 0; i < size; ++i) {
    const auto number = heard.values.at(spec_.pointers[static_cast<std::size_t>(i)]);
    if (!number) {
      return Opinion::out_of_range;
    }
    numbers[i] = *number;
  }
  const auto found = states_->find(heard.identity);
  if (found == states_->end()) {
    states_->emplace(heard.identity,
                     State{numbers, Numbers::Zero(size), Covariance::Zero(size, size), 0});
    return Opinion::silent;
  }
  found->second.move = numbers - found->second.base;
  return learn(found->second);
}

/// Judges the last move, and learns from it: wholly if it is in range, else only so far.
Opinion CorrelatedJudge::learn(State& state) const {
  const auto size = state.move.size();
  Covariance spread = state.covariance;
  for (Eigen::Index i = 0; i < size; ++i) {
    const double least = spec_.resolution[static_cast<std::size_t>(i)];
    spread(i, i) += least * least;
  }
  const Eigen::LDLT<Covariance> factors{spread};
  const double squared = state.move.dot(factors.solve(state.move));
  const double distance = std::sqrt(std::max(squared, 0.0));
  const bool warm = state.seen >= spec_.memory;
  const bool far = warm && !(distance <= spec_.tolerance);
  const double part = far && std::isfinite(distance) ? spec_.tolerance / distance : 1;
  state.base += state.move * (far && !std::isfinite(distance) ? 0 : part) / spec_.window;
  if (!far) {
    state.seen = std::min(state.seen + 1, spec_.memory);
    state.covariance += (state.move * state.move.transpose() - state.covariance) / state.seen;
  }
  return !warm ? Opinion::silent : far ? Opinion::out_of_range : Opinion::in_range;
}

void CorrelatedJudge::forget(std::string_view identity) {
  if (const auto found = states_->find(identity); found != states_->end()) {
    states_->erase(found);
  }
}

std::vector<std::byte> CorrelatedJudge::save() const {
  Image image;
  for (const auto& [identity, state] : *states_) {
    image.add(identity).add(state.seen);
    for (Eigen::Index i = 0; i < state.base.size(); ++i) {
      image.add(state.base[i]);
      for (Eigen::Index j = 0; j <= i; ++j) {
        image.add(state.covariance(i, j));
      }
    }
  }
  return image.take();
}

bool CorrelatedJudge::restore(ByteView image) {
  const auto size = static_cast<Eigen::Index>(spec_.pointers.size());
  ImageReader in{image};
  while (in.more()) {
    const std::string_view identity = in.identity();
    const double seen = in.number();
    State state{Numbers::Zero(size), Numbers::Zero(size), Covariance::Zero(size, size), 0};
    for (Eigen::Index i = 0; i < size; ++i) {
      state.base[i] = in.number();
      for (Eigen::Index j = 0; j <= i; ++j) {
        state.covariance(i, j) = state.covariance(j, i) = in.number();
      }
    }
    if (!in.ok() || seen < 0) {
      return false;
    }
    state.seen = static_cast<std::uint32_t>(std::min<double>(seen, spec_.memory));
    states_->insert_or_assign(std::string{identity}, std::move(state));
  }
  return in.ok();
}

}  // namespace countersign::dataserv
