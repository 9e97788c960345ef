#include "engine/session_image.hpp"

#include <algorithm>
#include <array>

#include "countersign/envelope.hpp"

namespace countersign::engine {
namespace {

constexpr std::uint8_t kImageVersion = 2;
constexpr std::size_t kMaxRingWords = 64;

/// The bytes of one session, at the most: a window of 2048 and all outcomes.
constexpr std::size_t kMaxSessionBytes = 2048;

void write_session(const Principal& principal, LiveSession& session, Writer& out) {
  out.s8(bytes_of(principal.identity)).raw(session.auth_code).be(session.kid);
  out.raw(session.sk.bytes()).be(static_cast<std::uint64_t>(session.created));
  const auto ring = session.window.ring();
  out.be(session.window.newest()).be(static_cast<std::uint8_t>(ring.size()));
  for (const std::uint64_t word : ring) {
    out.be(word);
  }
  for (const Outcomes::Outcome& outcome : session.outcomes.all()) {
    out.raw(outcome.tag).be(static_cast<std::uint8_t>(outcome.why));
  }
  out.be(session.accepted.edge).be(session.accepted.bitmap).be(session.messages);
  out.be(session.sealed_messages).be(session.down_seq).be(session.resume_n).be(session.replaces);
  out.be(static_cast<std::uint64_t>(session.replaced_until));
  out.be(static_cast<std::uint64_t>(principal.enforcement_deadline));
  out.be(static_cast<std::uint8_t>(principal.fallen ? 1 : 0));
  write_receipt_body(principal.activity->last_receipt, out);
}

/// False for what no server says of itself.
bool is_plausible(LiveSession& session, const Principal& rest) {
  const auto outcomes = session.outcomes.all();
  return session.kid >= 1 && session.kid <= kMaxKid && session.created >= 0 &&
         session.replaced_until >= 0 && rest.enforcement_deadline >= 0 &&
         std::all_of(outcomes.begin(), outcomes.end(), [](const Outcomes::Outcome& outcome) {
           return static_cast<std::size_t>(outcome.why) < kRefusalNames.size();
         });
}

/// What stands in the image after the identity.
bool read_session(Reader& in, const Crypto& crypto, LiveSession& session, Principal& rest,
                  Receipt& receipt) {
  Agreement agreement;
  agreement.auth_code = in.array<kAuthCodeBytes>();
  agreement.kid = in.be<std::uint16_t>();
  copy(in.take(32), agreement.sk.fill());
  const auto created = static_cast<Millis>(in.be<std::uint64_t>());
  const auto newest = in.be<std::uint32_t>();
  const auto words = in.be<std::uint8_t>();
  if (!in.ok() || words < 2 || words > kMaxRingWords ||
      !session.begin(crypto, agreement, created)) {
    return false;
  }
  const auto ring = session.ring.lend(words);
  for (std::uint64_t& word : ring) {
    word = in.be<std::uint64_t>();
  }
  session.window = ReplayWindow{ring, newest};
  for (Outcomes::Outcome& outcome : session.outcomes.all()) {
    outcome.tag = in.array<Outcomes::kTagBytesKept>();
    outcome.why = static_cast<Refusal>(in.be<std::uint8_t>());
  }
  session.accepted.edge = in.be<std::uint32_t>();
  session.accepted.bitmap = in.be<std::uint64_t>();
  session.messages = in.be<std::uint32_t>();
  session.sealed_messages = in.be<std::uint32_t>();
  session.down_seq = in.be<std::uint32_t>();
  session.resume_n = in.be<std::uint32_t>();
  session.replaces = in.be<std::uint16_t>();
  session.replaced_until = static_cast<Millis>(in.be<std::uint64_t>());
  rest.enforcement_deadline = static_cast<Millis>(in.be<std::uint64_t>());
  const auto fallen = in.be<std::uint8_t>();
  rest.fallen = fallen != 0;
  receipt = read_receipt_body(in);
  return in.ok() && fallen <= 1 && is_plausible(session, rest);
}

}  // namespace

std::vector<std::byte> save_sessions(const Sessions& sessions) {
  std::vector<std::byte> image{std::byte{kImageVersion}};
  std::array<std::byte, kMaxSessionBytes> room;
  for (const Principal* const principal : sessions.active()) {
    for (LiveSession& session : principal->activity->sessions) {
      if (session.over) {
        continue;
      }
      Writer out{room};
      write_session(*principal, session, out);
      const ByteView written = out.written();
      image.insert(image.end(), written.begin(), written.end());
    }
  }
  wipe(room);
  return image;
}

bool restore_sessions(ByteView image, const Crypto& crypto, Registry& registry,
                      Sessions& sessions) {
  Reader in{image};
  if (in.be<std::uint8_t>() != kImageVersion) {
    return false;
  }
  while (in.ok() && !in.done()) {
    Principal* const principal = registry.find(text_of(in.s8()));
    std::list<LiveSession> saved(1);
    Principal rest;
    Receipt receipt;
    if (!in.ok() || !read_session(in, crypto, saved.front(), rest, receipt)) {
      return false;
    }
    if (principal != nullptr && standing(*principal, saved.front().created) == Refusal::none) {
      principal->enforcement_deadline = rest.enforcement_deadline;
      principal->fallen = rest.fallen;
      sessions.restore(*principal, std::move(saved));
      principal->activity->last_receipt = receipt;
    }
  }
  return in.done();
}

}  // namespace countersign::engine
