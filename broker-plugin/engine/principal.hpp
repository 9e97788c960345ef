#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "countersign/session.hpp"
#include "openssl/crypto.hpp"
#include "store/card.hpp"
#include "store/registration.hpp"

namespace countersign::engine {

/// The words of a session's window: the two that nearly all have stand inside, more on the heap.
class WindowRing {
 public:
  /// Zeroes, once; they live as long as this.
  [[nodiscard]] std::span<std::uint64_t> lend(std::size_t words) {
    if (words <= few_.size()) {
      return std::span{few_}.first(words);
    }
    many_ = std::make_unique<std::uint64_t[]>(words);
    return {many_.get(), words};
  }

 private:
  std::array<std::uint64_t, ring_words(64)> few_{};
  std::unique_ptr<std::uint64_t[]> many_;
};

/// A session with what it borrows: the crypto context and the window's ring.
struct LiveSession : Session {
  LiveSession() = default;
  LiveSession(const LiveSession&) = delete;
  LiveSession& operator=(const LiveSession&) = delete;

  /// Fills a fresh session from what a handshake agreed on; its window is still to come.
  [[nodiscard]] bool begin(const Crypto& crypto, const Agreement& agreement, Millis now);

  openssl::OpenSslMacKey up_key;
  WindowRing ring;
  std::uint16_t replaces = 0;  ///< kid of the session that ends with our first valid message
  Millis replaced_until = 0;   ///< when we end ourselves although our successor is silent; 0: never
  Millis kept_until = 0;       ///< when the keys of a session that is over go; 0: not over
  Millis last_duplicate = 0;   ///< when the last `duplicate` notice left
};

/// What an identity has only while, or after, it did something: most of a million have none of it.
struct Activity {
  std::list<LiveSession> sessions;  ///< the oldest first
  bool watched = false;             ///< stands among the active
  Receipt last_receipt;             ///< of the latest session that accepted a message
};

/// The card that an identity's key is in.
struct KnownCard {
  std::string uid;  ///< as people write it
  Key32 checksum_key;
  store::Sighting sighting;
  store::Order order;
  Millis noted_at = 0;  ///< what `sighting.seen_at` was when it was last made durable
};

/// What few identities have; the gate never needs it.
struct Particulars {
  std::string label;
  std::string reason;  ///< why blocked or disabled
  std::unique_ptr<KnownCard> card;
  std::unique_ptr<store::Registration> registration;  ///< of those that have a password
};

/// How an identity logs in; nothing else is answered (docs/protocol.md, section 6).
enum class Method : std::uint8_t { aplus, mfar, password };
inline constexpr std::array<std::string_view, 3> kMethodNames{"a+", "mfar", "password"};

/// A registered identity, as held in memory: at most 256 bytes without a session.
struct Principal : Sender {
  std::string identity;
  Key32 k;                  ///< of method mfar: K_reg; of method password: nothing
  std::uint32_t epoch = 0;  ///< the greatest accepted; 0 before the first
  Challenge last_first{};   ///< th1[16] of the last accepted handshake
  Millis last_strike = 0;
  Millis registered_at = 0;
  std::uint16_t kid_next = 0;     ///< 0: not yet chosen
  std::uint16_t kid_ceiling = 0;  ///< durable: every kid below may be used
  std::uint16_t kid_left = 0;     ///< how many kids of the durable block are left
  std::uint8_t strikes = 0;
  std::uint8_t suites = 0;     ///< bit 0: suite 1, bit 1: suite 2; 0: as its kind
  std::uint16_t role_set = 0;  ///< index into the registry's role sets
  std::unique_ptr<Activity> activity;
  std::unique_ptr<Particulars> particulars;

  [[nodiscard]] bool has_live_session() const;
  [[nodiscard]] Activity& active();
  [[nodiscard]] Method method() const;
  /// Null for those whose key is in no card.
  [[nodiscard]] KnownCard* card() const { return particulars ? particulars->card.get() : nullptr; }
  /// Null for those that have no password.
  [[nodiscard]] const store::Registration* registration() const {
    return particulars ? particulars->registration.get() : nullptr;
  }
};

}  // namespace countersign::engine
