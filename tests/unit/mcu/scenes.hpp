#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <vector>

#include "core/ring.hpp"
#include "flash/leased_counter.hpp"
#include "flash/record_store.hpp"
#include "port/host/torn_flash.hpp"

namespace countersign::mcu::test {

using Data = std::vector<std::byte>;

/// Random bytes that repeat. Some are 0xFF in whole words: these are not programmed at all.
[[nodiscard]] Data random_data(std::mt19937& random, std::size_t size);

/// Records come, change and go; the model is a std::map.
class StoreScene {
 public:
  static constexpr std::uint32_t kPages = 2;
  static constexpr std::size_t kSteps = 20;

  void seed(std::uint32_t seed) { random_.seed(seed); }
  void begin(host::TornFlash& flash);
  void act(std::size_t step);
  [[nodiscard]] const char* recover();
  /// The store against the model. \returns what is wrong, or null.
  [[nodiscard]] const char* compare();

 private:
  struct Kept {
    Data data;
    std::uint8_t flags = 0;
    bool operator==(const Kept&) const = default;
  };
  struct Change {
    std::uint16_t id = 0;
    std::optional<Kept> to;
  };

  void change(const Change& change);
  [[nodiscard]] std::optional<Kept> stored(std::uint16_t id) const;
  [[nodiscard]] bool readable(const Data& secret) const;
  void lose_secret(std::uint16_t id);

  std::mt19937 random_;
  host::TornFlash* flash_ = nullptr;
  std::optional<RecordStore> store_;
  std::map<std::uint16_t, Kept> model_;
  std::optional<Change> pending_;  ///< cut while it was made: either is right, and then stays
  std::vector<Data> gone_;         ///< secrets that must not be found any more
};

/// Numbers are leased from three counters; none may come twice.
class LeaseScene {
 public:
  static constexpr std::uint32_t kPages = 2;
  static constexpr std::size_t kSteps = 250;

  void seed(std::uint32_t) {}
  void begin(host::TornFlash& flash);
  void act(std::size_t step);
  [[nodiscard]] const char* recover();

 private:
  static constexpr std::size_t kCounters = 3;

  [[nodiscard]] bool start();
  [[nodiscard]] const char* take(std::size_t which);

  host::TornFlash* flash_ = nullptr;
  std::optional<RecordStore> store_;
  std::vector<LeasedCounter> counters_;
  std::array<std::int64_t, kCounters> greatest_{-1, 0, 0};
  std::array<std::int64_t, kCounters> starts_{};  ///< since the greatest was given
};

/// Readings are appended, sent and marked; the model is a std::deque.
class RingScene {
 public:
  static constexpr std::uint32_t kPages = 3;
  static constexpr std::size_t kSteps = 200;

  void seed(std::uint32_t seed) { random_.seed(seed); }
  void begin(host::TornFlash& flash);
  void act(std::size_t step);
  [[nodiscard]] const char* recover();
  [[nodiscard]] const char* compare();
  [[nodiscard]] std::uint32_t refused() const { return ring_->refused(); }

 private:
  struct Reading {
    std::uint32_t number = 0;
    Data payload;
    bool acknowledged = true;  ///< append() has returned true
    bool marking = false;      ///< a mark() was cut: it may be gone at any time
    bool seen = false;
    bool operator==(const Reading&) const = default;
  };

  void append();
  void mark(std::size_t index);

  std::mt19937 random_;
  host::TornFlash* flash_ = nullptr;
  std::optional<Ring> ring_;
  std::deque<Reading> model_;
  std::uint32_t number_ = 0;
  std::uint32_t acknowledged_ = 0;  ///< the greatest
};

}  // namespace countersign::mcu::test
