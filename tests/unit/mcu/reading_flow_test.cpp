#include "core/reading_flow.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "port/host/nor_flash.hpp"
#include "unit/octets.hpp"
#include "vault/vault.hpp"

namespace countersign::mcu {
namespace {

constexpr Region kRegion{0, 4};

class Memory final : public host::NorFlash {
 public:
  using NorFlash::NorFlash;
};

/// T as the flow meets it: one window for each session, receipts of what it accepted.
class Trusted {
 public:
  void begin(std::uint16_t kid) { kid_ = kid; }

  /// A message arrives. \returns the refusal, or `none` if it was delivered just now.
  Refusal take(std::uint32_t number, bool is_reading) {
    Session& session = sessions_[kid_];
    if (session.seen.contains(number)) {
      return session.accepted.holds(number) ? Refusal::duplicate : Refusal::replayed;
    }
    if (number + 64 < session.newest) {
      return Refusal::stale;
    }
    session.seen.insert(number);
    session.newest = std::max(session.newest, number);
    if (refuses > 0) {
      --refuses;
      return Refusal::enforcement;
    }
    session.accepted.add(number);
    if (is_reading) {
      delivered.push_back(number);
    }
    return Refusal::none;
  }

  [[nodiscard]] Receipt receipt(std::uint16_t kid) { return {kid, sessions_[kid].accepted}; }

  std::vector<std::uint32_t> delivered;
  int refuses = 0;

 private:
  struct Session {
    std::set<std::uint32_t> seen;
    std::uint32_t newest = 0;
    Acceptance accepted;
  };
  std::map<std::uint16_t, Session> sessions_;
  std::uint16_t kid_ = 0;
};

/// A device's life between its ring and T: what the flow decides is carried out, and much goes
/// wrong.
class Life {
 public:
  explicit Life(unsigned seed) : chance_{seed} { EXPECT_TRUE(ring_.open()); }

  void record() {
    if (upcoming_ % kControlEvery == 0) {
      ++upcoming_;
    }
    if (odds(20)) {
      upcoming_ +=
          static_cast<std::uint32_t>(1 + chance_() % 64);  // a lease that a power cut left unused
      upcoming_ += upcoming_ % kControlEvery == 0 ? 1U : 0U;
    }
    const Bytes<4> payload = be32(upcoming_);
    ASSERT_TRUE(ring_.append(upcoming_, payload));
    recorded.push_back(upcoming_++);
  }

  /// The numbers begin elsewhere.
  void skip(std::uint32_t count) { upcoming_ += count; }

  void record_next() {
    upcoming_ += upcoming_ % kControlEvery == 0 ? 1U : 0U;
    ASSERT_TRUE(ring_.append(upcoming_, be32(upcoming_)));
    ++upcoming_;
  }

  /// Sends all that may be sent, then asks for the receipt, until nothing waits.
  /// \returns how often no receipt could be asked for.
  int stops() {
    int stopped = 0;
    for (int round = 0; round < 20 && flow_.has_unsent(); ++round) {
      Waiting reading;
      while (flow_.next(reading)) {
        flow_.sent(reading, 1);
        trusted.take(reading.number, true);
        flow_.acknowledged(1);
      }
      std::uint32_t number = 0;
      bool from_counter = false;
      if (!flow_.control_number(upcoming_, number, from_counter)) {
        ++stopped;
        continue;
      }
      say(number, from_counter);
      EXPECT_TRUE(flow_.received(trusted.receipt(kid_), false));
    }
    EXPECT_FALSE(flow_.has_unsent());
    return stopped;
  }

  /// A new session: what became of the readings of the one before is asked first.
  void log_in() {
    const std::uint16_t old = kid_++;
    trusted.begin(kid_);
    flow_.begin();
    if (!odds(3)) {
      ASSERT_TRUE(flow_.received(trusted.receipt(old), true));  // the snapshot in `finished`
    }
    std::uint32_t number = 0;
    bool from_counter = false;
    ASSERT_TRUE(flow_.control_number(upcoming_, number, from_counter));
    say(number, from_counter);
    ASSERT_TRUE(flow_.received(trusted.receipt(old), true));
  }

  void send_some() {
    Waiting reading;
    for (int i = 0; i < 6 && flow_.next(reading); ++i) {
      const auto id = static_cast<std::uint16_t>(1 + id_++ % 1000);
      flow_.sent(reading, id);
      wire_.push_back({id, reading.number});
      if (odds(4)) {
        deliver_one();
      }
    }
  }

  void deliver_one() {
    if (wire_.empty()) {
      return;
    }
    const auto [id, number] = wire_.front();
    wire_.pop_front();
    const Refusal why = trusted.take(number, true);
    if (why != Refusal::none && odds(2)) {
      static_cast<void>(flow_.noticed({why, number}));
    }
    if (odds(5)) {
      reconnect();  // TCP loses no PUBACK, a connection does
    } else {
      flow_.acknowledged(id);
    }
  }

  void deliver_all() {
    while (!wire_.empty()) {
      deliver_one();
    }
  }

  void ask_receipt() {
    std::uint32_t number = 0;
    bool from_counter = false;
    if (!flow_.control_number(upcoming_, number, from_counter)) {
      return;
    }
    deliver_all();
    say(number, from_counter);
    if (!odds(3)) {
      ASSERT_TRUE(flow_.received(trusted.receipt(kid_), false));
    }
  }

  /// The connection breaks: what is on the wire is lost, then the session is resumed.
  void reconnect() {
    wire_.clear();
    for (const InFlight& one : flow_.in_flight()) {
      if (one.id != 0) {
        wire_.push_back({one.id, one.reading.number});
      }
    }
  }

  /// The power goes: only the flash is left.
  void lose_power() {
    wire_.clear();
    ring_ = Ring{flash_, kRegion};
    ASSERT_TRUE(ring_.open());
    flow_.begin();
    log_in();
  }

  void step() {
    switch (chance_() % 16) {
      case 0:
        reconnect();
        return;
      case 1:
        odds(4) ? lose_power() : log_in_again();
        return;
      case 2:
        trusted.refuses = odds(3) ? 3 : trusted.refuses;
        return;
      case 3:
      case 4:
        ask_receipt();
        return;
      case 5:
      case 6:
      case 7:
        deliver_one();
        return;
      case 8:
      case 9:
      case 10:
        record();
        return;
      default:
        send_some();
    }
  }

  void log_in_again() {
    wire_.clear();
    log_in();
  }

  /// Until nothing waits any more; bounded, for a flow that stands still is a fault.
  void settle() {
    trusted.refuses = 0;
    for (int round = 0; round < 400 && flow_.has_any(); ++round) {
      const std::size_t before = trusted.delivered.size();
      send_some();
      deliver_all();
      ask_receipt();
      // a device does so after a while in which nothing moved, receipts that were lost among it
      idle_ = trusted.delivered.size() == before ? idle_ + 1 : 0;
      if (idle_ > 10) {
        idle_ = 0;
        log_in_again();
      }
    }
    EXPECT_FALSE(flow_.has_any()) << "a reading never left the ring";
  }

  Trusted trusted;
  std::vector<std::uint32_t> recorded;

 private:
  struct OnWire {
    std::uint16_t id;
    std::uint32_t number;
  };

  bool odds(unsigned one_in) { return chance_() % one_in == 0; }

  void say(std::uint32_t number, bool from_counter) {
    if (from_counter) {
      number = std::max(number, (upcoming_ + kControlEvery - 1) / kControlEvery * kControlEvery);
      upcoming_ = number + 1;
    }
    EXPECT_EQ(number % kControlEvery, 0) << "a reading's number was taken";
    flow_.spent(number);
    trusted.take(number, false);
  }

  std::mt19937 chance_;
  std::vector<std::byte> memory_ =
      std::vector<std::byte>(std::size_t{kRegion.bytes()}, std::byte{0xFF});
  Memory flash_{memory_};
  Ring ring_{flash_, kRegion};
  ReadingFlow flow_{ring_};
  std::deque<OnWire> wire_;
  std::uint32_t upcoming_ = 1;
  std::uint32_t id_ = 0;
  std::uint16_t kid_ = 0;
  int idle_ = 0;
};

TEST(ReadingFlow, EveryReadingArrivesOnceWhateverGoesWrong) {
  for (unsigned seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    Life life{seed};
    life.log_in();
    for (int i = 0; i < 400; ++i) {
      life.step();
    }
    life.settle();
    std::vector<std::uint32_t> delivered = life.trusted.delivered;
    std::sort(delivered.begin(), delivered.end());
    ASSERT_EQ(delivered, life.recorded);
  }
}

// a flow that had sent all it may stood still: no number was left to ask for the receipt with
TEST(ReadingFlow, WhereItStopsAReceiptCanBeAskedFor) {
  for (std::uint32_t before = 0; before < 16; ++before) {
    SCOPED_TRACE(before);
    Life life{1};
    life.skip(before);
    life.log_in();
    for (int i = 0; i < 200; ++i) {
      life.record_next();
    }
    EXPECT_EQ(life.stops(), 0);
  }
}

TEST(ReadingFlow, WithoutRefusalsTheyArriveInOrder) {
  Life life{1};
  life.log_in();
  for (int i = 0; i < 200; ++i) {
    life.record();
  }
  life.settle();
  EXPECT_EQ(life.trusted.delivered, life.recorded);
}

}  // namespace
}  // namespace countersign::mcu
