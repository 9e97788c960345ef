#include "core/ring.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "flash/words.hpp"
#include "port/host/torn_flash.hpp"
#include "unit/mcu/scenes.hpp"

namespace countersign::mcu::test {
namespace {

class RingTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(ring.open()); }

  [[nodiscard]] std::vector<std::uint32_t> waiting() {
    std::vector<std::uint32_t> numbers;
    Waiting at;
    for (bool found = ring.first(at); found; found = ring.next(at, at)) {
      numbers.push_back(at.number);
    }
    return numbers;
  }

  /// \returns how many there was room for.
  std::uint32_t fill(std::uint32_t from, std::size_t bytes) {
    const std::string payload(bytes, 'r');
    std::uint32_t number = from;
    while (ring.append(number, bytes_of(payload))) {
      ++number;
    }
    return number - from;
  }

  host::TornFlash flash{6};
  Ring ring{flash, {1, 4}};
};

using Numbers = std::vector<std::uint32_t>;

TEST_F(RingTest, GivesReadingsInOrderAndTheirPayload) {
  ASSERT_TRUE(ring.append(1, bytes_of("first")));
  ASSERT_TRUE(ring.append(3, bytes_of("")));
  ASSERT_TRUE(ring.append(9, bytes_of("third")));
  EXPECT_EQ(waiting(), (Numbers{1, 3, 9}));
  Waiting at;
  ASSERT_TRUE(ring.first(at));
  Bytes<8> room{};
  ASSERT_TRUE(ring.read(at, room));
  EXPECT_EQ(text_of(ByteView{room}.first(at.size)), "first");
  EXPECT_FALSE(ring.read(at, MutableBytes{room}.first(4)));
}

TEST_F(RingTest, ForgetsWhatIsMarkedAndNothingElse) {
  for (const std::uint32_t number : {1U, 2U, 3U, 4U}) {
    ASSERT_TRUE(ring.append(number, bytes_of("x")));
  }
  ASSERT_TRUE(ring.mark(3));
  ASSERT_TRUE(ring.mark(1));
  EXPECT_FALSE(ring.mark(7));
  EXPECT_EQ(waiting(), (Numbers{2, 4}));
  ASSERT_TRUE(ring.open());
  EXPECT_EQ(waiting(), (Numbers{2, 4}));
  Waiting at;
  ASSERT_TRUE(ring.first(at));
  ASSERT_TRUE(ring.mark(at));
  EXPECT_TRUE(ring.mark(at));
  EXPECT_EQ(waiting(), (Numbers{4}));
}

TEST_F(RingTest, AgreesWithAQueueOverManyRounds) {
  RingScene scene;
  host::TornFlash own{RingScene::kPages};
  scene.seed(3);
  scene.begin(own);
  std::uint32_t refused = 0;
  for (std::size_t step = 0; step < 5000; ++step) {
    scene.act(step);
    refused += scene.refused() > 0 ? 1U : 0U;
    if (step % 7 == 0) {
      ASSERT_EQ(scene.recover(), nullptr) << step;
    }
  }
  EXPECT_GT(refused, 10U);
}

TEST_F(RingTest, RefusesWhenFullAndOverwritesNothing) {
  const std::uint32_t kept = fill(1, 40);
  EXPECT_EQ(kept, 4 * (4080 / 48));
  EXPECT_EQ(ring.refused(), 1U);
  EXPECT_EQ(waiting().size(), kept);
  // one page's worth must be sent before there is room again
  for (std::uint32_t number = 1; number < 85; ++number) {
    ASSERT_TRUE(ring.mark(number));
    ASSERT_FALSE(ring.append(kept + 1, bytes_of("one more is too much, as long as 40 byte")));
  }
  ASSERT_TRUE(ring.mark(85));
  EXPECT_TRUE(ring.append(kept + 1, bytes_of("now")));
  EXPECT_EQ(waiting().front(), 86U);
  EXPECT_EQ(waiting().back(), kept + 1);
}

TEST_F(RingTest, RefusesNumbersThatDoNotRise) {
  EXPECT_FALSE(ring.append(0, {}));
  ASSERT_TRUE(ring.append(5, {}));
  EXPECT_FALSE(ring.append(5, {}));
  EXPECT_FALSE(ring.append(4, {}));
  EXPECT_EQ(ring.refused(), 0U);
  ASSERT_TRUE(ring.append(0xFFFFFFFF, {}));
  EXPECT_FALSE(ring.append(6, {}));
  EXPECT_EQ(waiting(), (Numbers{5, 0xFFFFFFFF}));
}

TEST_F(RingTest, KnowsTheGreatestNumberWhenNothingWaits) {
  std::uint32_t number = 1;
  for (; number < 1000; ++number) {
    ASSERT_TRUE(ring.append(number, bytes_of("0123456789")));
    ASSERT_TRUE(ring.mark(number));
  }
  ASSERT_TRUE(ring.open());
  EXPECT_EQ(ring.greatest(), 999U);
  EXPECT_TRUE(waiting().empty());
  EXPECT_FALSE(ring.append(999, {}));
  EXPECT_TRUE(ring.append(1000, {}));
}

TEST_F(RingTest, GoesOnFromACursorWhosePageWasTakenAgain) {
  const std::uint32_t kept = fill(1, 40);
  Waiting at;
  ASSERT_TRUE(ring.first(at));
  for (std::uint32_t number = 1; number <= 90; ++number) {
    ASSERT_TRUE(ring.mark(number));
  }
  ASSERT_TRUE(ring.append(kept + 1, bytes_of("in the page of the cursor")));
  ASSERT_TRUE(ring.next(at, at));
  EXPECT_EQ(at.number, 91U);
}

TEST_F(RingTest, LeavesTheOtherPagesAlone) {
  flash.image().words[0] = 0x12345678;
  flash.image().words[5 * kPageBytes / kWordBytes] = 0x12345678;
  fill(1, 200);
  EXPECT_EQ(flash.image().words[0], 0x12345678U);
  EXPECT_EQ(flash.image().words[5 * kPageBytes / kWordBytes], 0x12345678U);
  EXPECT_EQ(flash.image().words[1], ~std::uint32_t{0});
}

TEST_F(RingTest, AcknowledgesNothingWhenTheFlashFails) {
  ASSERT_TRUE(ring.append(1, bytes_of("kept")));
  flash.fail_at(2);
  EXPECT_FALSE(ring.append(2, bytes_of("lost")));
  flash.fail_at(0);
  EXPECT_FALSE(ring.append(3, bytes_of("not before it is opened")));
  ASSERT_TRUE(ring.open());
  EXPECT_EQ(waiting(), (Numbers{1}));
  EXPECT_TRUE(ring.append(3, bytes_of("now")));
}

TEST_F(RingTest, RefusesPagesWhoseSequencesGoRound) {
  // each of the three is later than another: nobody can say which is the last
  for (std::uint32_t i = 0; i < 3; ++i) {
    const std::uint32_t at = (1 + i) * kPageBytes;
    const std::array<Word, 2> begin{i * 0x5555, 0};
    ASSERT_TRUE(program_words(flash, at, begin));
    ASSERT_TRUE(program_word(flash, at + sizeof begin, crc32(at, begin)));
  }
  EXPECT_FALSE(ring.open());
}

TEST_F(RingTest, CostsTwoWordsMoreThanThePayload) {
  ASSERT_TRUE(ring.append(1, bytes_of("12345678")));
  flash.cut_at(0, host::Tear::nothing);
  ASSERT_TRUE(ring.append(2, bytes_of("12345678")));
  EXPECT_EQ(flash.operations(), 4U);
  flash.cut_at(0, host::Tear::nothing);
  ASSERT_TRUE(ring.mark(1));
  EXPECT_EQ(flash.operations(), 1U);
}

}  // namespace
}  // namespace countersign::mcu::test
