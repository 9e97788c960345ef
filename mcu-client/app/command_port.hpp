#pragma once

#include <cstddef>
#include <cstdint>

#include "app/sensor_node.hpp"

namespace countersign::mcu {

/// Commands over plain TCP (docs/protocol.md, section 7): wake-up bytes if there are any, a
/// challenge, a command, its response, and the end. One connection at a time; every failure ends it
/// in silence. A challenge ends with its connection, and there is one a second at most: whoever
/// only connects must not push out those that were asked for over the broker.
template <Transport Peer, class Node, Signer Keys>
class CommandPort {
 public:
  /// Borrows all of them, `wake` too.
  CommandPort(Peer& peer, Node& node, Keys& keys, ByteView wake)
      : peer_{peer}, node_{node}, keys_{keys}, wake_{wake} {}

  void step(Millis now) {
    if (peer_.state() != LinkState::open) {
      end(now);
      return;
    }
    if (phase_ == Phase::closed) {
      begin(now);
    }
    const bool ends = phase_ == Phase::closing && ++lingered_ > kLingerSteps;
    if (now - since_ >= kChallengeLifeMs || ends) {
      end(now);
      return;
    }
    read();
    advance(now);
    if (peer_.state() != LinkState::open) {
      end(now);  // at once: before the next step there may be another peer
    }
  }

 private:
  enum class Phase : std::uint8_t { closed, waking, challenged, closing };
  // the response leaves before the end does
  static constexpr unsigned kLingerSteps = 4;
  static constexpr Millis kBetweenChallengesMs = 1'000;

  void begin(Millis now) {
    since_ = now;
    size_ = 0;
    lingered_ = 0;
    phase_ = Phase::waking;
  }

  /// The next peer finds nothing of this one.
  void end(Millis now) {
    if (phase_ == Phase::closed) {
      return;
    }
    peer_.close();
    if (phase_ == Phase::challenged) {
      // any answer spends a connection's challenge, an empty one too
      static_cast<void>(keys_.take_command(challenge_, {}, now));
    }
    phase_ = Phase::closed;
  }

  [[nodiscard]] std::size_t wanted() const {
    return phase_ == Phase::waking       ? wake_.size()
           : phase_ == Phase::challenged ? kCommandMessageBytes
                                         : 0;
  }

  void read() {
    if (size_ < wanted()) {
      size_ += peer_.receive(MutableBytes{message_}.first(wanted()).subspan(size_));
    }
  }

  void advance(Millis now) {
    if (phase_ == Phase::closing || size_ < wanted()) {
      return;
    }
    if (phase_ == Phase::waking) {
      challenge(now);
    } else {
      obey(now);
    }
  }

  void challenge(Millis now) {
    if (!same_tag(ByteView{message_}.first(wake_.size()), wake_)) {
      end(now);
      return;
    }
    if (now < next_challenge_) {
      return;
    }
    next_challenge_ = now + kBetweenChallengesMs;
    const auto made = keys_.challenge(now);
    if (!made) {
      end(now);
      return;
    }
    challenge_ = *made;
    size_ = 0;
    phase_ = Phase::challenged;
    if (!peer_.send(challenge_, false)) {
      end(now);
    }
  }

  void obey(Millis now) {
    const auto taken =
        keys_.take_command(challenge_, ByteView{message_}.first(kCommandMessageBytes), now);
    const auto response =
        taken ? keys_.respond(*taken, node_.obey(*taken, now)) : Result<Tag>{taken.why()};
    if (!response || !peer_.send(*response, false)) {
      end(now);
      return;
    }
    phase_ = Phase::closing;
  }

  static constexpr std::size_t kMaxWake = 64;
  static constexpr std::size_t kRoom = kMaxWake;

  Peer& peer_;
  Node& node_;
  Keys& keys_;
  ByteView wake_;
  CommandChallenge challenge_{};
  Bytes<kRoom> message_{};
  std::size_t size_ = 0;
  Millis since_ = 0;
  Millis next_challenge_ = 0;
  unsigned lingered_ = 0;
  Phase phase_ = Phase::closed;
};

}  // namespace countersign::mcu
