/// Cuts the power at every flash operation, tears the write in every way, cuts again at every
/// operation of the recovery. One line for each part; exit 1 if anything was lost, changed or given
/// twice, or if there were fewer cuts than promised.
///
/// usage: mcu_cuts [SEEDS]     how many different runs of each part. Without it: 2, and they are
///                             fewer than a million cuts only if something is wrong with the stage

#include <charconv>
#include <chrono>
#include <cstdint>
#include <functional>
#include <iostream>
#include <string_view>
#include <thread>
#include <vector>

#include "unit/mcu/cut_stage.hpp"
#include "unit/mcu/scenes.hpp"

namespace countersign::mcu::test {
namespace {

constexpr std::uint32_t kSeeds = 2;
constexpr std::uint64_t kPromisedCuts = 1'000'000;  // docs/mcu.md, section 3

struct Part {
  std::string_view name;
  std::function<Tally(std::uint32_t seed)> run;
  Tally tally;
};

template <class S>
Tally cut_everywhere(std::uint32_t seed) {
  return CutStage<S>{seed, Stride{}}.run();
}

void add(Tally& sum, const Tally& more) {
  sum.scenarios += more.scenarios;
  sum.failures += more.failures;
  if (sum.first_failure.empty()) {
    sum.first_failure = more.first_failure;
  }
}

int run(std::uint32_t seeds, std::uint64_t promised) {
  std::vector<Part> parts{{"record store", cut_everywhere<StoreScene>, {}},
                          {"counters", cut_everywhere<LeaseScene>, {}},
                          {"ring", cut_everywhere<RingScene>, {}}};
  Tally all;
  for (Part& part : parts) {
    const auto start = std::chrono::steady_clock::now();
    std::vector<Tally> tallies(seeds);
    std::vector<std::jthread> threads;
    for (std::uint32_t first = 0; first < 2; ++first) {
      threads.emplace_back([&, first] {
        for (std::uint32_t seed = first; seed < seeds; seed += 2) {
          tallies[seed] = part.run(seed + 1);
        }
      });
    }
    threads.clear();
    for (const Tally& tally : tallies) {
      add(part.tally, tally);
    }
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - start);
    std::cout << part.name << ": " << part.tally.scenarios << " cuts, " << part.tally.failures
              << " failures, " << took.count() << " ms" << std::endl;
    if (part.tally.failures != 0) {
      std::cout << "  first: " << part.tally.first_failure << "\n";
    }
    add(all, part.tally);
  }
  std::cout << "all: " << all.scenarios << " cuts, " << all.failures << " failures\n";
  if (all.scenarios < promised) {
    std::cout << "too few: " << promised << " were promised\n";
  }
  return all.failures == 0 && all.scenarios >= promised ? 0 : 1;
}

}  // namespace
}  // namespace countersign::mcu::test

int main(int count, char** arguments) {
  namespace cuts = countersign::mcu::test;
  const std::string_view text{count > 1 ? arguments[1] : ""};
  std::uint32_t asked = 0;
  const bool sample =
      std::from_chars(text.begin(), text.end(), asked).ec == std::errc{} && asked > 0;
  try {
    return sample ? cuts::run(asked, 0) : cuts::run(cuts::kSeeds, cuts::kPromisedCuts);
  } catch (const std::exception& error) {
    std::cout << "stopped: " << error.what() << "\n";
    return 1;
  }
}
