#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <utility>
#include <vector>

#include "core/transport.hpp"

namespace countersign::mcu::test {

/// A `Transport` whose other side is the test: it sees all that is sent, and feeds what comes.
class ScriptedLink {
 public:
  [[nodiscard]] bool open(const Endpoint& to) {
    endpoint = to;
    ++opened;
    sent.clear();
    coming.clear();
    state_ = refuse_open ? LinkState::closed : LinkState::opening;
    return !refuse_open;
  }
  [[nodiscard]] LinkState state() const { return state_; }
  [[nodiscard]] std::size_t room() const { return room_left; }
  [[nodiscard]] bool send(ByteView bytes, bool more) {
    if (bytes.size() > room_left || state_ != LinkState::open) {
      return false;
    }
    sent.insert(sent.end(), bytes.begin(), bytes.end());
    segments += more ? 0 : 1;
    return true;
  }
  [[nodiscard]] std::size_t receive(MutableBytes room) {
    const std::size_t count = std::min({room.size(), coming.size(), chunk});
    std::copy_n(coming.begin(), count, room.begin());
    coming.erase(coming.begin(), coming.begin() + static_cast<std::ptrdiff_t>(count));
    return count;
  }
  void close() { state_ = LinkState::closed; }

  void establish() { state_ = LinkState::open; }
  void feed(ByteView bytes) { coming.insert(coming.end(), bytes.begin(), bytes.end()); }
  /// What was sent since the last time.
  [[nodiscard]] std::vector<std::byte> take() { return std::exchange(sent, {}); }

  Endpoint endpoint;
  std::size_t opened = 0;
  std::size_t segments = 0;
  std::size_t room_left = 4096;
  std::size_t chunk = 4096;  ///< at most so much arrives at once
  bool refuse_open = false;
  std::vector<std::byte> sent;
  std::deque<std::byte> coming;

 private:
  LinkState state_ = LinkState::closed;
};

}  // namespace countersign::mcu::test
