#include "flash/record_store.hpp"

#include <gtest/gtest.h>

#include <string>

#include "flash/frame.hpp"
#include "port/host/torn_flash.hpp"
#include "unit/mcu/scenes.hpp"

namespace countersign::mcu::test {
namespace {

class RecordStoreTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(store.open()); }

  static std::string text(const RecordStore& from, std::uint16_t id) {
    Bytes<kMaxRecordBytes> room{};
    std::size_t got = 0;
    const Stored stored = from.get(id, 0, room, got);
    return stored == Stored::done ? std::string{text_of(ByteView{room}.first(got))} : "none";
  }

  host::TornFlash flash{2};
  RecordStore store{flash, 0};
};

TEST_F(RecordStoreTest, GivesBackTheLastOfEachRecordAlsoAfterAStart) {
  ASSERT_EQ(store.put(1, bytes_of("one")), Stored::done);
  ASSERT_EQ(store.put(2, bytes_of("two"), 0x04), Stored::done);
  ASSERT_EQ(store.put(1, bytes_of("one more")), Stored::done);
  RecordStore again{flash, 0};
  ASSERT_TRUE(again.open());
  for (const RecordStore* kept : {&store, &again}) {
    EXPECT_EQ(text(*kept, 1), "one more");
    EXPECT_EQ(text(*kept, 2), "two");
    EXPECT_EQ(text(*kept, 3), "none");
    EXPECT_EQ(kept->records(), 2U);
  }
  RecordInfo info;
  ASSERT_EQ(again.look(2, info), Stored::done);
  EXPECT_EQ(info.size, 3);
  EXPECT_EQ(info.flags, 0x04);
}

/// Remembers what the first page that was erased began with then.
class WatchedFlash final : public Flash {
 public:
  [[nodiscard]] std::uint32_t pages() const override { return flash_.pages(); }
  [[nodiscard]] bool read(std::uint32_t at, MutableBytes out) const override {
    return flash_.read(at, out);
  }
  [[nodiscard]] bool program(std::uint32_t at, ByteView words) override {
    return flash_.program(at, words);
  }
  [[nodiscard]] bool erase(std::uint32_t page) override {
    if (!erased && !read_words(flash_, page * kPageBytes, std::span{&began, 1})) {
      return false;
    }
    erased = true;
    return flash_.erase(page);
  }

  bool erased = false;
  Word began = kBlankWord;

 private:
  host::TornFlash flash_{2};
};

// an erasure that was cut could leave the generation, and not the records: a page with lost
// counters then counted
TEST(RecordStoreErasure, APageStopsCountingBeforeItIsErased) {
  WatchedFlash flash;
  RecordStore store{flash, 0};
  ASSERT_TRUE(store.open());
  for (int i = 0; i < 1'000 && !flash.erased; ++i) {
    ASSERT_EQ(store.put(1, bytes_of("a counter")), Stored::done);
  }
  ASSERT_TRUE(flash.erased);
  EXPECT_EQ(flash.began, 0U);
}

TEST_F(RecordStoreTest, AgreesWithAMapOverManyPages) {
  StoreScene scene;
  host::TornFlash own{2};
  scene.seed(7);
  scene.begin(own);
  for (std::size_t step = 0; step < 3000; ++step) {
    scene.act(step);
    ASSERT_EQ(scene.compare(), nullptr);
    if (step % 50 == 0) {
      ASSERT_EQ(scene.recover(), nullptr);
    }
  }
}

TEST_F(RecordStoreTest, RefusesWhatIsNoRecord) {
  const std::string much(kMaxRecordBytes + 1, 'x');
  std::size_t got = 0;
  EXPECT_EQ(store.put(0, {}), Stored::refused);
  EXPECT_EQ(store.put(kMaxRecordId + 1, {}), Stored::refused);
  EXPECT_EQ(store.put(1, bytes_of(much)), Stored::refused);
  EXPECT_EQ(store.put(1, {}, 0x02), Stored::refused);
  EXPECT_EQ(store.put(1, {}, 0x20), Stored::refused);
  ASSERT_EQ(store.put(1, bytes_of("abc")), Stored::done);
  EXPECT_EQ(store.get(1, 4, {}, got), Stored::refused);
  EXPECT_EQ(store.get(1, 3, {}, got), Stored::done);
  EXPECT_EQ(store.remove(2), Stored::absent);
}

TEST_F(RecordStoreTest, IsFullBeforeItHarmsARecordAndARemovalAlwaysFits) {
  const std::string big(kMaxRecordBytes, 'b');
  std::uint16_t id = 1;
  while (store.put(id, bytes_of(big), kSecretRecord) == Stored::done) {
    ++id;
  }
  EXPECT_EQ(store.put(id, bytes_of(big)), Stored::full);
  for (std::uint16_t i = 1; i < id; ++i) {
    ASSERT_EQ(text(store, i), big);
    ASSERT_EQ(store.remove(i), Stored::done);
  }
  EXPECT_EQ(store.records(), 0U);
  EXPECT_EQ(store.put(1, bytes_of(big)), Stored::done);
}

TEST_F(RecordStoreTest, TakesNoMoreRecordsThanItsIndexHas) {
  for (std::uint16_t id = 1; id <= kMaxRecords; ++id) {
    ASSERT_EQ(store.put(id, {}), Stored::done);
  }
  EXPECT_EQ(store.put(kMaxRecords + 1, {}), Stored::full);
  EXPECT_EQ(store.put(kMaxRecords, bytes_of("changed")), Stored::done);
  EXPECT_EQ(store.remove(1), Stored::done);
  EXPECT_EQ(store.put(kMaxRecords + 1, {}), Stored::done);
}

TEST_F(RecordStoreTest, RefusesToBeginAnewOnPagesThatAreNotBlank) {
  flash.image().words[0] &= 0x0FFFFFFF;
  flash.image().words[100] = 0;
  RecordStore again{flash, 0};
  EXPECT_FALSE(again.open());
  EXPECT_EQ(again.put(1, {}), Stored::failed);
  EXPECT_EQ(text(again, 1), "none");
}

TEST_F(RecordStoreTest, DoesNothingAfterAFailureUntilItIsOpenedAgain) {
  ASSERT_EQ(store.put(1, bytes_of("one")), Stored::done);
  flash.fail_at(2);
  EXPECT_EQ(store.put(1, bytes_of("two")), Stored::failed);
  flash.fail_at(0);
  RecordInfo info;
  EXPECT_EQ(store.put(2, {}), Stored::failed);
  EXPECT_EQ(store.look(1, info), Stored::failed);
  ASSERT_TRUE(store.open());
  EXPECT_EQ(text(store, 1), "one");
}

TEST_F(RecordStoreTest, TakesARecordsBytesInAnotherRecordForNoRecord) {
  ASSERT_EQ(store.put(1, bytes_of("inner")), Stored::done);
  // behind the generation is record 1
  const auto inner = std::as_bytes(std::span{flash.image().words}.subspan(2, 4));
  const Data copied{inner.begin(), inner.end()};
  ASSERT_EQ(store.put(2, copied), Stored::done);
  ASSERT_EQ(store.remove(1), Stored::done);
  // record 2 is torn, so that its data are looked through
  flash.image().words[6] &= ~std::uint32_t{0x00010000};
  ASSERT_TRUE(store.open());
  EXPECT_EQ(text(store, 1), "none");
}

TEST_F(RecordStoreTest, OpensManyTimesWithoutARecordWritten) {
  ASSERT_EQ(store.put(1, bytes_of("one")), Stored::done);
  for (std::size_t i = 0; i < 700; ++i) {
    ASSERT_TRUE(store.open());
    ASSERT_EQ(text(store, 1), "one");
  }
}

TEST_F(RecordStoreTest, LivesPastTheLastGeneration) {
  // of 65,536; each start takes two
  host::TornFlash old{2};
  Frame frame;
  frame.set(0xFFF0, 0x20, {});
  ASSERT_TRUE(frame.write(old, 0, 0));
  RecordStore aged{old, 0};
  for (std::uint16_t i = 0; i < 100; ++i) {
    ASSERT_TRUE(aged.open());
    ASSERT_EQ(text(aged, 1), i == 0 ? "none" : std::to_string(i - 1));
    ASSERT_EQ(aged.put(1, bytes_of(std::to_string(i))), Stored::done);
  }
}

}  // namespace
}  // namespace countersign::mcu::test
