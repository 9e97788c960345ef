#include <sys/resource.h>

#include <chrono>
#include <iostream>

#include "workbench.hpp"

namespace countersign::store {
namespace {

using Clock = std::chrono::steady_clock;

/// \returns how many seconds `work` took.
template <class Work>
double seconds(const Work& work) {
  const auto start = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

class MillionRecords : public Workbench {};

TEST_F(MillionRecords, AreLoadedOneByOne) {
  constexpr std::size_t kRecords = 1'000'000;
  constexpr std::size_t kBatch = 50'000;
  auto store = create();
  const double written = seconds([&] {
    for (std::size_t i = 0; i < kRecords; i += kBatch) {
      std::vector<Change> changes;
      changes.reserve(kBatch);
      for (std::size_t j = i; j < i + kBatch; ++j) {
        changes.emplace_back(PutRecord{device("device-" + std::to_string(j))});
      }
      ASSERT_TRUE(apply(*store, std::move(changes)));
    }
  });
  store.reset();
  std::size_t loaded = 0;
  const double read = seconds([&] {
    const auto again = open();
    ASSERT_TRUE(again->load([&](Record&& record) { loaded += record.identity.empty() ? 0U : 1U; }));
  });
  EXPECT_EQ(loaded, kRecords);
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  std::cout << kRecords << " records: " << written << " s to write, " << read << " s to load, "
            << std::filesystem::file_size(path("c.db")) / (1 << 20) << " MiB, peak of the process "
            << usage.ru_maxrss / 1024 << " MiB\n";
}

}  // namespace
}  // namespace countersign::store
