#include "countersign/client/card/reader_watch.hpp"

#include <gmock/gmock.h>
#include <winscard.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>

namespace countersign::client {
namespace {

using namespace std::chrono_literals;
using What = ReaderEvent::What;
using testing::ElementsAre;

constexpr std::uint32_t kEmpty = SCARD_STATE_EMPTY;
constexpr std::uint32_t kPresent = SCARD_STATE_PRESENT;

constexpr std::uint32_t counted(std::uint32_t state, std::uint32_t moves) {
  return state | (moves << 16U) | SCARD_STATE_CHANGED;
}

/// What the service says at one look.
struct Look {
  std::vector<WatchedReader> readers{};
  LONG established = SCARD_S_SUCCESS;
  LONG listed = SCARD_S_SUCCESS;
  LONG waited = SCARD_S_SUCCESS;
};

/// What the watch did, for it ends with its source.
struct Seen {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<ReaderEvent> events;
  std::vector<std::chrono::milliseconds> pauses;
  std::vector<std::uint32_t> fed_back;
  int establishes = 0;
  int looks = 0;
  bool spent = false;  ///< every look was looked
};

/// Speaks the script look by look; behind it, waits.
class ScriptedSource final : public ReaderSource {
 public:
  ScriptedSource(std::deque<Look> script, Seen& seen) : script_{std::move(script)}, seen_{seen} {}

  PcscCode establish() override {
    const std::scoped_lock lock{seen_.mutex};
    ++seen_.establishes;
    if (script_.empty() || script_.front().established == SCARD_S_SUCCESS) {
      return SCARD_S_SUCCESS;
    }
    return pop(script_.front().established);
  }

  void release() override {}

  PcscCode list(std::vector<std::string>& names) override {
    const std::scoped_lock lock{seen_.mutex};
    if (script_.empty()) {
      for (const WatchedReader& reader : last_) {
        names.push_back(reader.name);
      }
      return SCARD_S_SUCCESS;
    }
    for (const WatchedReader& reader : script_.front().readers) {
      names.push_back(reader.name);
    }
    const LONG code = script_.front().listed;
    return code == SCARD_S_SUCCESS || code == static_cast<LONG>(SCARD_E_NO_READERS_AVAILABLE)
               ? static_cast<PcscCode>(code)
               : pop(code);
  }

  PcscCode wait(std::vector<WatchedReader>& readers, std::chrono::milliseconds) override {
    std::unique_lock lock{seen_.mutex};
    for (const WatchedReader& reader : readers) {
      seen_.fed_back.push_back(reader.state);
    }
    if (script_.empty()) {
      seen_.spent = true;
      seen_.changed.notify_all();
      cancelled_.wait(lock, [this] { return cancels_ > 0; });
      return static_cast<PcscCode>(SCARD_E_CANCELLED);
    }
    last_ = script_.front().readers;
    const LONG code = script_.front().waited;
    if (code == SCARD_S_SUCCESS) {
      readers = last_;
    }
    return pop(code);
  }

  void pause(std::chrono::milliseconds time) override {
    const std::scoped_lock lock{seen_.mutex};
    seen_.pauses.push_back(time);
  }

  void cancel() override {
    const std::scoped_lock lock{seen_.mutex};
    ++cancels_;
    cancelled_.notify_all();
  }

 private:
  PcscCode pop(LONG code) {
    ++seen_.looks;
    script_.pop_front();
    return static_cast<PcscCode>(code);
  }

  std::deque<Look> script_;
  Seen& seen_;
  std::vector<WatchedReader> last_;
  std::condition_variable cancelled_;
  int cancels_ = 0;
};

class AReaderWatch : public testing::Test {
 protected:
  /// What is told of these looks.
  std::vector<ReaderEvent> told(std::deque<Look> script) {
    seen.events.clear();
    seen.spent = false;
    ReaderWatch watch{[this](const ReaderEvent& event) {
                        const std::scoped_lock lock{seen.mutex};
                        seen.events.push_back(event);
                      },
                      std::make_unique<ScriptedSource>(std::move(script), seen)};
    std::unique_lock lock{seen.mutex};
    EXPECT_TRUE(seen.changed.wait_for(lock, 10s, [this] { return seen.spent; }));
    return seen.events;
  }

  Seen seen;
};

ReaderEvent event(What what, std::string reader = "") { return {what, std::move(reader)}; }

Look look(std::vector<WatchedReader> readers) { return {.readers = std::move(readers)}; }

TEST_F(AReaderWatch, TellsWhatIsThereAtFirst) {
  EXPECT_THAT(told({look({{"a", counted(kPresent, 1)}, {"b", counted(kEmpty, 0)}})}),
              ElementsAre(event(What::reader_added, "a"), event(What::inserted, "a"),
                          event(What::reader_added, "b")));
}

TEST_F(AReaderWatch, TellsCardsThatComeAndGo) {
  EXPECT_THAT(told({look({{"a", counted(kEmpty, 0)}}), look({{"a", counted(kPresent, 1)}}),
                    look({{"a", counted(kEmpty, 2)}})}),
              ElementsAre(event(What::reader_added, "a"), event(What::inserted, "a"),
                          event(What::removed, "a")));
}

TEST_F(AReaderWatch, TellsASwapBetweenTwoLooks) {
  EXPECT_THAT(told({look({{"a", counted(kPresent, 1)}}), look({{"a", counted(kPresent, 3)}})}),
              ElementsAre(event(What::reader_added, "a"), event(What::inserted, "a"),
                          event(What::removed, "a"), event(What::inserted, "a")));
}

TEST_F(AReaderWatch, TellsACardThatWasThereOnlyBetweenTwoLooks) {
  EXPECT_THAT(told({look({{"a", counted(kEmpty, 2)}}), look({{"a", counted(kEmpty, 4)}})}),
              ElementsAre(event(What::reader_added, "a"), event(What::inserted, "a"),
                          event(What::removed, "a")));
}

TEST_F(AReaderWatch, CountsOverTheEndOfTheCounter) {
  EXPECT_THAT(told({look({{"a", counted(kPresent, 0xFFFF)}}), look({{"a", counted(kPresent, 1)}})}),
              ElementsAre(event(What::reader_added, "a"), event(What::inserted, "a"),
                          event(What::removed, "a"), event(What::inserted, "a")));
}

TEST_F(AReaderWatch, DoesNotTellThatACardIsInUse) {
  EXPECT_THAT(told({look({{"a", counted(kPresent, 1)}}),
                    look({{"a", counted(kPresent | SCARD_STATE_INUSE, 1)}}),
                    look({{"a", counted(kPresent | SCARD_STATE_EXCLUSIVE, 1)}})}),
              ElementsAre(event(What::reader_added, "a"), event(What::inserted, "a")));
}

TEST_F(AReaderWatch, NeverFeedsBackThatAStateHasChanged) {
  static_cast<void>(told({look({{"a", counted(kPresent, 7)}})}));
  EXPECT_THAT(seen.fed_back, ElementsAre(0U, kPresent | (7U << 16U)));
}

TEST_F(AReaderWatch, TellsReadersThatComeAndGo) {
  EXPECT_THAT(told({look({}), look({{"a", counted(kPresent, 0)}}), look({})}),
              ElementsAre(event(What::reader_added, "a"), event(What::inserted, "a"),
                          event(What::removed, "a"), event(What::reader_removed, "a")));
}

TEST_F(AReaderWatch, TakesAReaderThatIsOutOfSightForEmpty) {
  EXPECT_THAT(told({look({{"a", counted(kPresent, 1)}}),
                    look({{"a", SCARD_STATE_UNAVAILABLE | SCARD_STATE_CHANGED}}),
                    look({{"a", counted(kPresent, 3)}})}),
              ElementsAre(event(What::reader_added, "a"), event(What::inserted, "a"),
                          event(What::removed, "a"), event(What::inserted, "a")));
}

TEST_F(AReaderWatch, TakesNoReadersForNone) {
  const Look none{.listed = SCARD_E_NO_READERS_AVAILABLE, .waited = SCARD_E_TIMEOUT};
  EXPECT_THAT(told({none}), ElementsAre());
  EXPECT_THAT(seen.pauses, ElementsAre());
}

/// Every way in which a look can fail, wherever it fails.
TEST_F(AReaderWatch, OutlivesEveryError) {
  for (const LONG code :
       {LONG{SCARD_E_NO_SERVICE}, LONG{SCARD_E_SERVICE_STOPPED}, LONG{SCARD_E_INVALID_HANDLE},
        LONG{SCARD_F_COMM_ERROR}, LONG{SCARD_F_INTERNAL_ERROR}, LONG{SCARD_E_INVALID_PARAMETER},
        LONG{SCARD_E_INVALID_VALUE}, LONG{SCARD_E_NO_MEMORY}, LONG{SCARD_F_WAITED_TOO_LONG},
        LONG{SCARD_F_UNKNOWN_ERROR}, LONG{SCARD_E_UNEXPECTED}, LONG{SCARD_E_NO_ACCESS},
        LONG{SCARD_E_SYSTEM_CANCELLED}, LONG{SCARD_W_SECURITY_VIOLATION}}) {
    const Look good = look({{"a", counted(kPresent, 1)}});
    for (const Look& bad : {Look{.listed = code}, Look{.readers = good.readers, .waited = code}}) {
      EXPECT_THAT(told({good, bad, good}),
                  ElementsAre(event(What::reader_added, "a"), event(What::inserted, "a"),
                              event(What::service_lost), event(What::service_found),
                              event(What::removed, "a"), event(What::inserted, "a")))
          << std::hex << code;
    }
    EXPECT_THAT(told({{.established = code}, {.established = code}, good}),
                ElementsAre(event(What::service_lost), event(What::service_found),
                            event(What::reader_added, "a"), event(What::inserted, "a")))
        << std::hex << code;
  }
}

TEST_F(AReaderWatch, TellsWhatLeftWhileTheServiceWasAway) {
  const Look lost{.listed = SCARD_F_COMM_ERROR};
  EXPECT_THAT(told({look({{"a", counted(kPresent, 1)}, {"b", counted(kPresent, 1)}}), lost,
                    look({{"a", counted(kEmpty, 0)}, {"c", counted(kEmpty, 0)}})}),
              ElementsAre(event(What::reader_added, "a"), event(What::inserted, "a"),
                          event(What::reader_added, "b"), event(What::inserted, "b"),
                          event(What::service_lost), event(What::service_found),
                          event(What::removed, "b"), event(What::reader_removed, "b"),
                          event(What::removed, "a"), event(What::reader_added, "c")));
}

TEST_F(AReaderWatch, AsksAnewWithAContextOfItsOwnEachTime) {
  const Look lost{.listed = SCARD_E_INVALID_HANDLE};
  static_cast<void>(told({look({}), lost, lost, look({})}));
  EXPECT_EQ(seen.establishes, 3);
}

TEST_F(AReaderWatch, AsksALostServiceLessAndLessOften) {
  std::deque<Look> script(8, Look{.established = SCARD_E_NO_SERVICE});
  script.push_back(look({}));
  script.push_back({.listed = SCARD_E_NO_SERVICE});
  script.push_back(look({}));
  EXPECT_THAT(told(std::move(script)),
              ElementsAre(event(What::service_lost), event(What::service_found),
                          event(What::service_lost), event(What::service_found)));
  EXPECT_THAT(seen.pauses,
              ElementsAre(50ms, 100ms, 200ms, 400ms, 800ms, 1600ms, 2000ms, 2000ms, 50ms));
}

TEST_F(AReaderWatch, LooksAgainAtAReaderThatLeftBehindTheList) {
  for (const LONG code : {LONG{SCARD_E_UNKNOWN_READER}, LONG{SCARD_E_READER_UNAVAILABLE}}) {
    seen.pauses.clear();
    EXPECT_THAT(told({look({{"a", counted(kPresent, 1)}}),
                      {.readers = {{"a", 0}}, .waited = code},
                      look({})}),
                ElementsAre(event(What::reader_added, "a"), event(What::inserted, "a"),
                            event(What::removed, "a"), event(What::reader_removed, "a")));
    EXPECT_EQ(seen.pauses.size(), 1U) << "and does not spin meanwhile";
  }
}

TEST_F(AReaderWatch, RestsWhenAReaderKeepsSayingNothing) {
  std::deque<Look> script(100, look({{"a", counted(kPresent, 1)}}));
  EXPECT_THAT(told(std::move(script)),
              ElementsAre(event(What::reader_added, "a"), event(What::inserted, "a")));
  EXPECT_GE(seen.pauses.size(), 10U);
}

TEST_F(AReaderWatch, IsNotTakenForASpinnerBecauseItWaited) {
  std::deque<Look> script(100, {.readers = {{"a", kEmpty}}, .waited = SCARD_E_TIMEOUT});
  script.push_front(look({{"a", kEmpty}}));
  static_cast<void>(told(std::move(script)));
  EXPECT_THAT(seen.pauses, ElementsAre());
}

/// A service that never answers.
class HungSource final : public ReaderSource {
 public:
  HungSource(std::atomic<bool>& entered, std::atomic<bool>& let_go)
      : entered_{entered}, let_go_{let_go} {}
  PcscCode establish() override {
    entered_ = true;
    entered_.notify_all();
    let_go_.wait(false);
    return static_cast<PcscCode>(SCARD_E_NO_SERVICE);
  }
  void release() override {}
  PcscCode list(std::vector<std::string>&) override { return SCARD_S_SUCCESS; }
  PcscCode wait(std::vector<WatchedReader>&, std::chrono::milliseconds) override {
    return SCARD_S_SUCCESS;
  }
  void pause(std::chrono::milliseconds) override {}
  void cancel() override { let_go_.wait(false); }

 private:
  std::atomic<bool>& entered_;
  std::atomic<bool>& let_go_;
};

TEST(AReaderWatchOfAHungService, EndsAllTheSame) {
  // these outlive the threads that are left behind
  static std::atomic<bool> entered = false;
  static std::atomic<bool> let_go = false;
  const auto begun = std::chrono::steady_clock::now();
  {
    const ReaderWatch watch{[](const ReaderEvent&) { FAIL() << "nothing is told"; },
                            std::make_unique<HungSource>(entered, let_go)};
    entered.wait(false);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 4s);
  let_go = true;
  let_go.notify_all();
}

}  // namespace
}  // namespace countersign::client
