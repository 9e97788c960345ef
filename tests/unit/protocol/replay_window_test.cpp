#include "countersign/replay_window.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "countersign/envelope.hpp"
#include "unit/octets.hpp"

namespace countersign::test {
namespace {

/// The window as one would explain it: remember everything, look back so far.
class SlowWindow {
 public:
  explicit SlowWindow(std::uint32_t reach) : reach_{reach} {}

  Refusal spend(std::uint32_t counter) {
    if (!seen_.empty() && *seen_.rbegin() > counter && *seen_.rbegin() - counter > reach_) {
      return Refusal::stale;
    }
    return seen_.insert(counter).second ? Refusal::none : Refusal::replayed;
  }
  [[nodiscard]] std::uint32_t newest() const { return seen_.empty() ? 0 : *seen_.rbegin(); }

 private:
  std::uint32_t reach_;
  std::set<std::uint32_t> seen_;
};

/// Counters as they come from a lossy network, and as an attacker would choose them.
class Traffic {
 public:
  explicit Traffic(std::uint32_t seed) : random_{seed} {}

  std::uint32_t next(std::uint32_t newest, std::uint32_t reach) {
    switch (random_() % 8) {
      case 0:
        return up(newest, 1);
      case 1:
        return up(newest, random_() % 5);
      case 2:
        return up(newest, 62 + random_() % 5);
      case 3:
        return up(newest, reach - 2 + random_() % 5);
      case 4:
        return random_() % 50 == 0 ? up(newest, random_() % 100'000) : up(newest, random_() % 200);
      case 5:
        return down(newest, reach - 2 + random_() % 5);
      case 6:
        return down(newest, random_() % (reach + 70));
      default:
        return down(newest, random_() % 40);
    }
  }

  std::uint32_t number() { return static_cast<std::uint32_t>(random_()); }

 private:
  static std::uint32_t up(std::uint32_t from, std::uint64_t by) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(from + by, kMaxSeq));
  }
  static std::uint32_t down(std::uint32_t from, std::uint64_t by) {
    return static_cast<std::uint32_t>(from - std::min<std::uint64_t>(from, by));
  }

  std::mt19937 random_;
};

class Windows : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Sizes, Windows, testing::Values(1, 64, 65, 100, 512, 2048),
                         testing::PrintToStringParamName());

TEST_P(Windows, AgreeWithASlowModel) {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    std::vector<std::uint64_t> ring(ring_words(GetParam()));
    ReplayWindow window{ring};
    SlowWindow model{window.reach()};
    Traffic traffic{seed};
    // a third of them begin near the end of the numbers
    std::uint32_t counter =
        seed % 3 == 0 ? kMaxSeq - traffic.number() % 5000 : traffic.number() % 10'000;
    for (int i = 0; i < 1500; ++i) {
      ASSERT_EQ(window.spend(counter), model.spend(counter)) << counter << ", seed " << seed;
      ASSERT_EQ(window.newest(), model.newest());
      counter = traffic.next(window.newest(), window.reach());
    }
  }
}

TEST_P(Windows, ReachAtLeastAsFarAsAskedFor) {
  std::vector<std::uint64_t> ring(ring_words(GetParam()));
  ReplayWindow window{ring};
  EXPECT_GE(window.reach(), GetParam());
  EXPECT_LT(window.reach(), GetParam() + 64);
  ASSERT_EQ(window.spend(100'000), Refusal::none);
  EXPECT_EQ(window.spend(100'000 - window.reach()), Refusal::none);
  EXPECT_EQ(window.spend(100'000 - window.reach() - 1), Refusal::stale);
}

TEST_P(Windows, GoOnFromWhatWasSaved) {
  std::vector<std::uint64_t> ring(ring_words(GetParam()));
  ReplayWindow before{ring};
  for (const std::uint32_t counter : {5U, 9U, 40U}) {
    ASSERT_EQ(before.spend(counter), Refusal::none);
  }
  std::vector<std::uint64_t> saved{before.ring().begin(), before.ring().end()};
  ReplayWindow after{saved, before.newest()};
  EXPECT_EQ(after.spend(9), Refusal::replayed);
  EXPECT_EQ(after.spend(40), Refusal::replayed);
  EXPECT_EQ(after.spend(8), Refusal::none);
  EXPECT_EQ(after.spend(41), Refusal::none);
}

TEST(ReplayWindow, RefusesACounterTwice) {
  std::vector<std::uint64_t> ring(2);
  ReplayWindow window{ring};
  EXPECT_EQ(window.spend(0), Refusal::none);
  EXPECT_EQ(window.spend(0), Refusal::replayed);
  EXPECT_EQ(window.spend(kMaxSeq), Refusal::none);
  EXPECT_EQ(window.spend(kMaxSeq), Refusal::replayed);
  EXPECT_EQ(window.spend(0), Refusal::stale);
}

TEST(ReplayWindow, WithoutARingTakesNothing) {
  ReplayWindow window;
  EXPECT_EQ(window.spend(1), Refusal::internal);
}

Bytes<16> tag_of(std::uint32_t number) {
  Bytes<16> tag{};
  copy(be32(number * 2'654'435'761U), tag);
  return tag;
}

TEST(Outcomes, AgreeWithASlowModelWhateverTheOrder) {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    std::vector<std::uint64_t> ring(ring_words(64));
    ReplayWindow window{ring};
    Outcomes outcomes;
    std::map<std::uint32_t, Refusal> model;
    Traffic traffic{seed};
    std::uint32_t seq = 1000;
    for (int i = 0; i < 3000; ++i, seq = traffic.next(window.newest(), 64)) {
      const Refusal spent = window.spend(seq);
      if (spent == Refusal::none) {
        const auto why =
            static_cast<Refusal>(traffic.number() % 3 == 0 ? 0 : traffic.number() % 20);
        outcomes.record(seq, window.newest(), tag_of(seq), why);
        model[seq] = why == Refusal::none ? Refusal::duplicate : why;
      }
      if (spent != Refusal::replayed) {
        continue;
      }
      const bool kept = window.newest() - seq < Outcomes::kKept;
      ASSERT_EQ(outcomes.answer(seq, window.newest(), tag_of(seq)),
                kept ? model.at(seq) : Refusal::replayed)
          << seq << ", newest " << window.newest() << ", seed " << seed;
      ASSERT_EQ(outcomes.answer(seq, window.newest(), tag_of(seq + 1)),
                kept ? Refusal::forked : Refusal::replayed);
    }
  }
}

// a retransmission of 40 was called forked once 8, which is 32 before it, had come in late
TEST(Outcomes, OfALateNumberLeaveThoseOfLaterOnesAlone) {
  Outcomes outcomes;
  outcomes.record(40, 40, tag_of(40), Refusal::none);
  outcomes.record(8, 40, tag_of(8), Refusal::none);
  EXPECT_EQ(outcomes.answer(40, 40, tag_of(40)), Refusal::duplicate);
  EXPECT_EQ(outcomes.answer(8, 40, tag_of(8)), Refusal::replayed);
}

TEST(Outcomes, TellTagsApartByAllTheyKeep) {
  Outcomes outcomes;
  const Bytes<16> tag = tag_of(1);
  outcomes.record(5, 5, tag, Refusal::denied);
  for (std::size_t i = 0; i < Outcomes::kTagBytesKept * 8; ++i) {
    EXPECT_EQ(outcomes.answer(5, 5, flipped(tag, i)), Refusal::forked) << i;
  }
  EXPECT_EQ(outcomes.answer(5, 5, tag), Refusal::denied);
  EXPECT_EQ(outcomes.answer(5, 5, ByteView{tag}.first(8)), Refusal::denied) << "short tags too";
}

TEST(Acceptance, AgreesWithASlowModel) {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    Acceptance accepted;
    std::set<std::uint32_t> model;
    Traffic traffic{seed};
    std::uint32_t seq = traffic.number() % 200;
    for (int i = 0; i < 1000; ++i, seq = traffic.next(accepted.edge, 64)) {
      accepted.add(seq);
      model.insert(seq);
      ASSERT_EQ(accepted.edge, *model.rbegin() + 1);
      for (std::uint32_t bit = 0; bit < 64; ++bit) {
        const bool expected = bit < accepted.edge && model.contains(accepted.edge - 1 - bit);
        ASSERT_EQ((accepted.bitmap >> bit & 1) != 0, expected) << bit << ", seed " << seed;
      }
      const std::uint32_t probe = traffic.next(accepted.edge, 64);
      ASSERT_EQ(accepted.holds(probe),
                model.contains(probe) && accepted.edge - 1 - probe < 64 && probe < accepted.edge);
    }
  }
}

TEST(Acceptance, OfNothingHoldsNothing) {
  const Acceptance accepted;
  EXPECT_FALSE(accepted.holds(0));
  EXPECT_FALSE(accepted.holds(kMaxSeq));
}

}  // namespace
}  // namespace countersign::test
