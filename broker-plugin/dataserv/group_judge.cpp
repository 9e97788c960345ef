#include "dataserv/group_judge.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "config/wildcard.hpp"
#include "dataserv/image.hpp"

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

GroupJudge::GroupJudge(config::GroupSpec spec)
    : spec_{std::move(spec)}, dice_{std::random_device{}()} {}

std::string GroupJudge::key() const {
  std::string key = "group " + spec_.path.pointer;
  for (const std::string& pattern : spec_.members) {
    key += ' ' + pattern;
  }
  return key;
}

bool GroupJudge::concerns(std::string_view identity) const {
  return std::any_of(
      spec_.members.begin(), spec_.members.end(),
      [identity](const std::string& one) { return config::matches_wildcard(one, identity); });
}

Opinion GroupJudge::judge(Heard& heard, std::size_t& place) {
  const auto number = heard.values.at(spec_.path);
  if (!number) {
    return Opinion::out_of_range;
  }
  place = place_of(heard.identity, place);
  Member& member = members_[place];
  heard.note(member);
  heard.note(words_[place]);
  if (!std::exchange(member.known, true)) {
    member.base = *number;
    member.grace = kGrace;
  }
  const double move = *number - member.base;
  words_[place] = {move, heard.now, ++turns_};
  const Opinion opinion = compare(place, move, heard.now);
  member.base += std::clamp(move, -spec_.tolerance, spec_.tolerance) / spec_.window;
  return opinion;
}

/// Where a number is nearly where it was of late, which is nearly always, it does not matter where
/// the group went: the median is only asked for when it counts.
Opinion GroupJudge::compare(std::size_t place, double move, Millis now) {
  if (!has_fresh_peer(place, now)) {
    return Opinion::silent;
  }
  const bool far =
      std::abs(move) > spec_.tolerance && distance(move, group_move(place, now)) > spec_.tolerance;
  return weigh(place, far, now);
}

/// A move that nobody else has made yet may be the first sign of what happens to all: it is not
/// judged until half of the group has spoken since, a few times in a while.
Opinion GroupJudge::weigh(std::size_t place, bool far, Millis now) {
  Member& member = members_[place];
  if (!far) {
    member.suspect = 0;
    member.calm = std::min(member.calm + 1, spec_.window);
    member.grace = member.calm == spec_.window ? kGrace : member.grace;
    return Opinion::in_range;
  }
  member.calm = 0;
  if (member.suspect == 0) {
    member.suspect = words_[place].turn;
  }
  if (member.grace > 0 && !group_answered(place, now)) {
    --member.grace;
    return Opinion::silent;
  }
  return Opinion::out_of_range;
}

/// Until `visit` returns false.
template <class Visit>
void GroupJudge::each_fresh_peer(std::size_t place, Millis now, Visit visit) const {
  const std::size_t peers = std::min(words_.size() - 1, kMaxPeers);
  for (std::size_t i = 0; i < peers; ++i) {
    place = place + 1 == words_.size() ? 0 : place + 1;
    const Word& word = words_[place];
    if (word.at != 0 && now - word.at <= spec_.fresh && !visit(word)) {
      return;
    }
  }
}

bool GroupJudge::has_fresh_peer(std::size_t place, Millis now) const {
  bool found = false;
  each_fresh_peer(place, now, [&](const Word& /*word*/) {
    found = true;
    return false;
  });
  return found;
}

/// Of those that spoke of late, of which there must be one.
double GroupJudge::group_move(std::size_t place, Millis now) const {
  std::array<double, kMaxPeers> moves{};
  std::size_t count = 0;
  each_fresh_peer(place, now, [&](const Word& word) {
    moves[count++] = word.move;
    return true;
  });
  return median(std::span{moves}.first(count));
}

bool GroupJudge::group_answered(std::size_t place, Millis now) const {
  const std::uint64_t suspect = members_[place].suspect;
  std::size_t fresh = 0;
  std::size_t answered = 0;
  each_fresh_peer(place, now, [&](const Word& word) {
    ++fresh;
    answered += word.turn > suspect ? 1U : 0U;
    return true;
  });
  return 2 * answered >= fresh;
}

/// Who stood at `last` has most often not moved since; else it is looked for.
std::size_t GroupJudge::place_of(std::string_view identity, std::size_t last) {
  if (last < members_.size() && members_[last].identity == identity) {
    return last;
  }
  const auto found = places_.find(identity);
  return found != places_.end() ? found->second : join(identity);
}

/// A newcomer takes a random place; who stood there goes to the end.
std::size_t GroupJudge::join(std::string_view identity) {
  const std::size_t place = dice_() % (members_.size() + 1);
  members_.emplace_back().identity = identity;
  words_.emplace_back();
  std::swap(members_[place], members_.back());
  std::swap(words_[place], words_.back());
  places_[members_.back().identity] = members_.size() - 1;
  places_[members_[place].identity] = place;
  return place;
}

void GroupJudge::mute(std::string_view identity) {
  if (const auto found = places_.find(identity); found != places_.end()) {
    words_[found->second].at = 0;
  }
}

void GroupJudge::forget(std::string_view identity) {
  const auto found = places_.find(identity);
  if (found == places_.end()) {
    return;
  }
  const std::size_t place = found->second;
  std::swap(members_[place], members_.back());
  std::swap(words_[place], words_.back());
  places_[members_[place].identity] = place;
  places_.erase(places_.find(identity));
  members_.pop_back();
  words_.pop_back();
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
    if (in.ok() && concerns(identity)) {
      Member& member = members_[place_of(identity, 0)];
      member.base = base;
      member.grace = kGrace;
      member.known = true;
    }
  }
  return in.ok();
}

}  // namespace countersign::dataserv
