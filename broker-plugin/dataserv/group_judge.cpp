#include "dataserv/group_judge.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "config/wildcard.hpp"
#include "dataserv/image.hpp"
#include "dataserv/value.hpp"

namespace countersign::dataserv {
namespace {

/// How many readings may be ahead of the group until it has answered.
constexpr std::uint8_t kGrace = 3;

/// The median; of an even number the middle one that is nearer to no move at all.
double median(std::span<double> moves) {
  const auto middle = moves.begin() + static_cast<std::ptrdiff_t>(moves.size() / 2);
  std::nth_element(moves.begin(), middle, moves.end());
  if (moves.size() % 2 == 1) {
    return *middle;
  }
  const double below = *std::max_element(moves.begin(), middle);
  return std::abs(below) < std::abs(*middle) ? below : *middle;
}

/// How far `move` is from what lies between no move and the group's.
double distance(double move, double group) {
  const double low = std::min(0.0, group);
  const double high = std::max(0.0, group);
  return std::max({low - move, move - high, 0.0});
}

}  // namespace

GroupJudge::GroupJudge(config::Format format, config::GroupSpec spec)
    : format_{format}, spec_{std::move(spec)}, dice_{std::random_device{}()} {}

std::string GroupJudge::key() const {
  std::string key = "group " + spec_.path.pointer;
  for (const std::string& pattern : spec_.members) {
    key += ' ' + pattern;
  }
  return key;
}

Opinion GroupJudge::judge(const Reading& reading) {
  Member* const member = this->member(reading.identity);
  if (member == nullptr) {
    return Opinion::silent;
  }
  const auto number = find_value(reading.payload, format_, spec_.path);
  if (!number) {
    return Opinion::out_of_range;
  }
  if (!std::exchange(member->known, true)) {
    member->base = *number;
    member->grace = kGrace;
  }
  member->move = *number - member->base;
  member->last = reading.now;
  member->turn = ++turns_;
  double group = 0;
  const bool alone = !group_move(*member, reading.now, group);
  const Opinion opinion =
      alone ? Opinion::silent
            : weigh(*member, distance(member->move, group) > spec_.tolerance, reading.now);
  member->base += std::clamp(member->move, -spec_.tolerance, spec_.tolerance) / spec_.window;
  return opinion;
}

/// A move that nobody else has made yet may be the first sign of what happens to all: it is not
/// judged until half of the group has spoken since, a few times in a while.
Opinion GroupJudge::weigh(Member& member, bool far, Millis now) const {
  if (!far) {
    member.suspect = 0;
    member.calm = std::min(member.calm + 1, spec_.window);
    member.grace = member.calm == spec_.window ? kGrace : member.grace;
    return Opinion::in_range;
  }
  member.calm = 0;
  if (member.suspect == 0) {
    member.suspect = member.turn;
  }
  if (member.grace > 0 && !group_answered(member, now)) {
    --member.grace;
    return Opinion::silent;
  }
  return Opinion::out_of_range;
}

template <class Visit>
void GroupJudge::each_fresh_peer(const Member& of, Millis now, Visit visit) const {
  const auto place = static_cast<std::size_t>(&of - members_.data());
  const std::size_t peers = std::min(members_.size() - 1, kMaxPeers);
  for (std::size_t i = 1; i <= peers; ++i) {
    const Member& peer = members_[(place + i) % members_.size()];
    if (peer.last != 0 && now - peer.last <= spec_.fresh) {
      visit(peer);
    }
  }
}

/// \returns false if no peer spoke of late.
bool GroupJudge::group_move(const Member& of, Millis now, double& move) const {
  std::array<double, kMaxPeers> moves{};
  std::size_t count = 0;
  each_fresh_peer(of, now, [&](const Member& peer) { moves[count++] = peer.move; });
  move = count == 0 ? 0 : median(std::span{moves}.first(count));
  return count != 0;
}

bool GroupJudge::group_answered(const Member& of, Millis now) const {
  std::size_t fresh = 0;
  std::size_t answered = 0;
  each_fresh_peer(of, now, [&](const Member& peer) {
    ++fresh;
    answered += peer.turn > of.suspect ? 1U : 0U;
  });
  return 2 * answered >= fresh;
}

GroupJudge::Member* GroupJudge::member(std::string_view identity) {
  if (const auto found = places_.find(identity); found != places_.end()) {
    return &members_[found->second];
  }
  const bool ours = std::any_of(
      spec_.members.begin(), spec_.members.end(),
      [identity](const std::string& one) { return config::matches_wildcard(one, identity); });
  return ours ? &join(identity) : nullptr;
}

/// A newcomer takes a random place; who stood there goes to the end.
GroupJudge::Member& GroupJudge::join(std::string_view identity) {
  const std::size_t place = dice_() % (members_.size() + 1);
  members_.emplace_back().identity = identity;
  std::swap(members_[place], members_.back());
  places_[members_.back().identity] = members_.size() - 1;
  places_[members_[place].identity] = place;
  return members_[place];
}

void GroupJudge::mute(std::string_view identity) {
  if (const auto found = places_.find(identity); found != places_.end()) {
    members_[found->second].last = 0;
  }
}

void GroupJudge::forget(std::string_view identity) {
  const auto found = places_.find(identity);
  if (found == places_.end()) {
    return;
  }
  const std::size_t place = found->second;
  std::swap(members_[place], members_.back());
  places_[members_[place].identity] = place;
  places_.erase(places_.find(identity));
  members_.pop_back();
}

std::vector<std::byte> GroupJudge::save() const {
  Image image;
  for (const Member& member : members_) {
    if (member.known) {
      image.add(member.identity).add(member.base);
    }
  }
  return image.take();
}

bool GroupJudge::restore(ByteView image) {
  ImageReader in{image};
  while (in.more()) {
    const std::string_view identity = in.identity();
    const double base = in.number();
    Member* const member = in.ok() ? this->member(identity) : nullptr;
    if (member != nullptr) {
      member->base = base;
      member->grace = kGrace;
      member->known = true;
    }
  }
  return in.ok();
}

}  // namespace countersign::dataserv
