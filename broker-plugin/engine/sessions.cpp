#include "engine/sessions.hpp"

#include <algorithm>
#include <utility>

#include "engine/trail.hpp"

namespace countersign::engine {
namespace {

std::uint16_t after(std::uint16_t kid, std::uint16_t step = 1) {
  return static_cast<std::uint16_t>((kid - 1U + step) % kMaxKid + 1U);
}

/// Shows the gate the sessions that there are now.
void link_sessions(Principal& principal) {
  Session* first = nullptr;
  for (LiveSession& session : principal.activity->sessions) {
    session.next = first;
    first = &session;
  }
  principal.sessions = first;
}

}  // namespace

std::uint16_t random_kid(Random& random) {
  Bytes<2> bytes{};
  // without entropy there is no handshake either, so this start is never used
  static_cast<void>(random.fill(bytes));
  Reader in{bytes};
  return static_cast<std::uint16_t>(in.be<std::uint16_t>() % kMaxKid + 1U);
}

std::optional<std::uint16_t> Sessions::allocate_kid(Principal& principal) {
  if (principal.kid_next == 0) {
    principal.kid_next = random_kid(context_.random);
    principal.kid_ceiling = principal.kid_next;
  }
  for (unsigned tries = 0; tries < kMaxKid; ++tries) {
    if (principal.kid_left == 0) {
      principal.kid_ceiling = after(principal.kid_ceiling, kKidBlock);
      principal.kid_left = kKidBlock;
      context_.commits.submit(store::SetKidCeiling{principal.identity, principal.kid_ceiling});
    }
    const std::uint16_t kid = principal.kid_next;
    principal.kid_next = after(kid);
    --principal.kid_left;
    const bool receipt_kept = principal.activity && principal.activity->last_receipt.kid == kid;
    if (principal.find(kid) == nullptr && !receipt_kept) {
      return kid;
    }
  }
  return std::nullopt;
}

std::optional<std::uint16_t> Sessions::draw_kid(Principal& principal) {
  for (unsigned tries = 0; tries < kMaxKid; ++tries) {
    const std::uint16_t kid = random_kid(context_.random);
    const bool receipt_kept = principal.activity && principal.activity->last_receipt.kid == kid;
    if (principal.find(kid) == nullptr && !receipt_kept) {
      return kid;
    }
  }
  return std::nullopt;
}

LiveSession& Sessions::attach(Principal& principal, std::list<LiveSession>&& fresh) {
  Activity& activity = principal.active();
  watch(principal);
  activity.sessions.splice(activity.sessions.end(), fresh);
  link_sessions(principal);
  return activity.sessions.back();
}

LiveSession* Sessions::open(Principal& principal, const Agreement& agreement, Millis now) {
  std::list<LiveSession> fresh(1);
  LiveSession& session = fresh.front();
  if (!session.begin(context_.crypto, agreement, now)) {
    return nullptr;
  }
  session.window = ReplayWindow{session.ring.lend(ring_words(context_.settings->window))};
  make_room(principal, now);
  LiveSession* previous = nullptr;
  if (principal.kind == Kind::device && principal.activity) {
    for (LiveSession& live : principal.activity->sessions) {
      previous = live.over ? previous : &live;
    }
  }
  if (previous != nullptr) {
    session.replaces = previous->kid;
    previous->replaced_until = now + kReplacedMillis;
  }
  return &attach(principal, std::move(fresh));
}

/// The oldest goes, but first those that nobody is connected by: each command of the command line
/// leaves one behind, and eight of them shall not throw out a subscriber.
void Sessions::make_room(Principal& principal, Millis now) {
  const std::size_t most = principal.kind == Kind::device ? 2 : kMaxSessionsOfPeople;
  const auto is_live = [](const LiveSession& session) { return !session.over; };
  auto& sessions = principal.active().sessions;
  while (static_cast<std::size_t>(std::count_if(sessions.begin(), sessions.end(), is_live)) >=
         most) {
    const auto idle = std::find_if(sessions.begin(), sessions.end(), [&](const auto& session) {
      return is_live(session) && !has_connection(principal, session);
    });
    const auto oldest = std::find_if(sessions.begin(), sessions.end(), is_live);
    end(principal, idle != sessions.end() ? *idle : *oldest, true, now);
  }
}

bool Sessions::has_connection(const Principal& principal, const LiveSession& session) {
  bool found = false;
  context_.connections.for_each([&](const Connection& connection) {
    found = found || (!connection.departed && connection.kid == session.kid &&
                      connection.identity == principal.identity);
  });
  return found;
}

void Sessions::restore(Principal& principal, std::list<LiveSession>&& saved) {
  attach(principal, std::move(saved));
}

void Sessions::first_message(Principal& principal, LiveSession& session, const Connection* on,
                             Millis now) {
  const std::uint16_t kid = std::exchange(session.replaces, std::uint16_t{0});
  if (kid == 0) {
    return;
  }
  for (LiveSession& previous : principal.activity->sessions) {
    if (previous.kid == kid && !previous.over) {
      previous.over = true;
      previous.kept_until = now + kKeptMillis;
      drop_connections(principal, kid, on != nullptr ? on->handle : nullptr, true);
    }
  }
}

void Sessions::end(Principal& principal, LiveSession& session, bool kick, Millis now) {
  if (session.over) {
    return;
  }
  session.over = true;
  session.kept_until = now + kKeptMillis;
  drop_connections(principal, session.kid, nullptr, kick);
  AuditLine line = line_of("session", nullptr, &principal, now);
  line.kid = session.kid;
  line.detail = "ended";
  context_.audit.write(line);
}

void Sessions::end_all(Principal& principal, bool kick, Millis now) {
  principal.enforcement_deadline = 0;
  if (kick) {
    close_connections(principal);
  }
  if (!principal.activity) {
    return;
  }
  for (LiveSession& session : principal.activity->sessions) {
    end(principal, session, kick, now);
  }
}

/// All of them: those whose session is long over, and those that have none.
void Sessions::close_connections(const Principal& principal) {
  context_.connections.for_each([&](Connection& connection) {
    if (connection.identity == principal.identity) {
      connection.will.reset();
      context_.connections.kick_later(connection, false);
    }
  });
}

void Sessions::drop_connections(const Principal& principal, std::uint16_t kid, ClientHandle except,
                                bool kick) {
  context_.connections.for_each([&](Connection& connection) {
    if (connection.identity != principal.identity) {
      return;
    }
    if (connection.will_kid == kid) {
      connection.will.reset();
    }
    if (kick && connection.kid == kid && connection.handle != except) {
      context_.connections.kick_later(connection, false);
    }
  });
}

bool Sessions::expire(Principal& principal, Millis now) {
  Activity& activity = *principal.activity;
  for (LiveSession& session : activity.sessions) {
    const bool replaced = session.replaced_until != 0 && now >= session.replaced_until;
    const bool lasted = now - session.created >= context_.settings->limits.max_age;
    if (replaced || lasted) {
      end(principal, session, replaced, now);
    }
  }
  const std::size_t gone = std::erase_if(activity.sessions, [&](const LiveSession& session) {
    return session.over && now >= session.kept_until;
  });
  if (gone > 0) {
    link_sessions(principal);
  }
  activity.watched = !activity.sessions.empty() || principal.expelled_until > now;
  return !activity.watched;
}

void Sessions::tick(Millis now) {
  std::erase_if(active_, [&](Principal* principal) { return expire(*principal, now); });
}

void Sessions::watch(Principal& principal) {
  if (!std::exchange(principal.active().watched, true)) {
    active_.push_back(&principal);
  }
}

void Sessions::forget(const Principal& principal) { std::erase(active_, &principal); }

}  // namespace countersign::engine
