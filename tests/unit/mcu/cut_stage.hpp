#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <exception>
#include <string>
#include <vector>

#include "port/host/torn_flash.hpp"

namespace countersign::mcu::test {

using host::kTears;
using host::PowerCut;
using host::Tear;
using host::TornFlash;

/// Something that works on flash, and a model that knows what must be there. Copyable: the stage
/// goes back to earlier states, of the flash too.
template <class S>
concept Scene = std::copyable<S> && requires(S scene, TornFlash& flash, std::size_t step) {
  { S::kPages } -> std::convertible_to<std::uint32_t>;
  { S::kSteps } -> std::convertible_to<std::size_t>;
  scene.begin(flash);                                // as it comes from the factory
  scene.act(step);                                   // one step of its work; may be cut
  { scene.recover() } -> std::same_as<const char*>;  // starts after a cut: what is wrong, or null
};

/// How far to go: every step, cut and second cut is `{1, 1}`.
struct Stride {
  std::uint64_t cut = 1;
  std::uint64_t second = 1;
};

struct Tally {
  std::uint64_t scenarios = 0;
  std::uint64_t failures = 0;
  std::string first_failure;
};

/// Cuts the power at every operation of the scene's work, in every way, and once more at every
/// operation of the recovery and of the step behind it; then starts three times undisturbed.
template <Scene S>
class CutStage {
 public:
  CutStage(std::uint32_t seed, Stride stride) : flash_{S::kPages, seed}, stride_{stride} {
    scene_.seed(seed);
    scene_.begin(flash_);
  }

  [[nodiscard]] Tally run() {
    for (std::size_t step = 0; step < S::kSteps; ++step) {
      const S before = scene_;
      const TornFlash::Image image = flash_.image();
      flash_.cut_at(0, Tear::nothing);
      scene_.act(step);
      const std::uint64_t operations = flash_.operations();
      const S after = scene_;
      const TornFlash::Image done = flash_.image();
      for (std::uint64_t cut = 1 + phase_ % stride_.cut; cut <= operations; cut += stride_.cut) {
        for (const Tear tear : kTears) {
          flash_.image() = image;
          scene_ = before;
          flash_.cut_at(cut, tear);
          cut_once(step);
          where_ = {step, cut, tear};
          cut_again(step);
        }
      }
      phase_ += operations;
      flash_.image() = done;
      scene_ = after;
    }
    return tally_;
  }

 private:
  struct Where {
    std::size_t step;
    std::uint64_t cut;
    Tear tear;
  };

  void cut_once(std::size_t step) {
    try {
      scene_.act(step);
    } catch (const PowerCut&) {
    } catch (const std::exception& wrong) {
      report(wrong.what(), 0, Tear::nothing);
    }
  }

  /// Every second cut, until the recovery and a step behind it live through it.
  void cut_again(std::size_t step) {
    const S before = scene_;
    const TornFlash::Image image = flash_.image();
    for (std::uint64_t cut = 1 + phase_ % stride_.second;; cut += stride_.second) {
      const Tear tear = kTears[(cut + where_.cut) % kTears.size()];
      flash_.image() = image;
      scene_ = before;
      flash_.cut_at(cut, tear);
      const bool through = recover_and_work(step);
      flash_.cut_at(0, Tear::nothing);
      for (std::size_t i = 0; i < 3; ++i) {
        report(scene_.recover(), cut, tear);
      }
      ++tally_.scenarios;
      if (through) {
        return;
      }
    }
  }

  [[nodiscard]] bool recover_and_work(std::size_t step) {
    try {
      report(scene_.recover(), 0, Tear::nothing);
      scene_.act(step + 1);
      return true;
    } catch (const PowerCut&) {
      return false;
    } catch (const std::exception& wrong) {
      report(wrong.what(), 0, Tear::nothing);
      return true;
    }
  }

  void report(const char* wrong, std::uint64_t second, Tear tear) {
    if (wrong == nullptr) {
      return;
    }
    ++tally_.failures;
    if (tally_.first_failure.empty()) {
      tally_.first_failure = std::string{wrong} + ": step " + std::to_string(where_.step) +
                             ", cut " + std::to_string(where_.cut) + " tear " +
                             std::to_string(static_cast<int>(where_.tear)) + ", second cut " +
                             std::to_string(second) + " tear " +
                             std::to_string(static_cast<int>(tear));
    }
  }

  TornFlash flash_;
  S scene_{};
  Stride stride_;
  Tally tally_;
  Where where_{};
  std::uint64_t phase_ = 0;
};

}  // namespace countersign::mcu::test
