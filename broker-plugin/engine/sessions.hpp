#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <vector>

#include "engine/context.hpp"

namespace countersign::engine {

/// How long a replaced session goes on if its successor stays silent, and how long keys are kept
/// after the end to sign "session over" (docs/protocol.md, sections 1 and 2).
inline constexpr Millis kReplacedMillis = 60'000;
inline constexpr Millis kKeptMillis = 600'000;
inline constexpr std::size_t kMaxSessionsOfPeople = 8;
inline constexpr std::uint16_t kKidBlock = 64;

/// A kid drawn at random.
[[nodiscard]] std::uint16_t random_kid(Random& random);

/// Makes, replaces and ends sessions, and closes the connections that stood on them.
class Sessions {
 public:
  explicit Sessions(Context& context) : context_{context} {}

  /// The next kid of `principal`, skipping live ones, continued durably in blocks.
  /// \returns nothing if none is free: `busy`.
  [[nodiscard]] std::optional<std::uint16_t> allocate_kid(Principal& principal);

  /// A random kid that no session of `principal` has: nothing durable changes.
  [[nodiscard]] std::optional<std::uint16_t> draw_kid(Principal& principal);

  /// Opens a session from T's acceptance. The one it replaces goes on until `first_message`.
  /// \returns null if the crypto backend fails.
  LiveSession* open(Principal& principal, const Agreement& agreement, Millis now);

  /// Puts back what was saved at a clean stop.
  void restore(Principal& principal, std::list<LiveSession>&& saved);

  /// The first valid message of `session`: the one it replaces ends.
  void first_message(Principal& principal, LiveSession& session, const Connection* on, Millis now);

  /// Ends one session: its publishes are `expired`, its will commitments die. With `kick`, its
  /// connections are closed at TICK, without will.
  void end(Principal& principal, LiveSession& session, bool kick, Millis now);

  /// Ends every session of `principal`; with `kick`, also closes every connection that is its own.
  void end_all(Principal& principal, bool kick, Millis now);

  /// Ends what is due and forgets what is over. Call it about once a second.
  void tick(Millis now);

  /// Makes `principal` one of the active until it has no session and is not expelled.
  void watch(Principal& principal);
  /// Identities that have, or lately had, a session, or are expelled.
  [[nodiscard]] const std::vector<Principal*>& active() const { return active_; }
  void forget(const Principal& principal);

 private:
  LiveSession& attach(Principal& principal, std::list<LiveSession>&& fresh);
  void make_room(Principal& principal, Millis now);
  [[nodiscard]] bool has_connection(const Principal& principal, const LiveSession& session);
  void close_connections(const Principal& principal);
  void drop_connections(const Principal& principal, std::uint16_t kid, ClientHandle except,
                        bool kick);
  bool expire(Principal& principal, Millis now);

  Context& context_;
  std::vector<Principal*> active_;  ///< those with sessions, each once
};

}  // namespace countersign::engine
