#pragma once

#include <random>

#include "config/evaluation.hpp"
#include "dataserv/judge.hpp"

namespace countersign::dataserv {

/// How many peers a reading is compared with at the most: bounded work in groups of any size.
inline constexpr std::size_t kMaxPeers = 31;

/// Objects to a number that is neither where its device was nor where its group went.
///
/// Each member has a slow baseline of its own; what counts is how far it moved from there. The
/// group's move is the median of its peers' moves, so that a minority of liars cannot drag it. A
/// move between none and the group's is fine: when all move together nobody is to blame, and when
/// one lies neither its neighbour in a group of two. Peers are drawn at random, so that nobody can
/// choose to stand among friends.
class GroupJudge final : public Judge {
 public:
  explicit GroupJudge(config::GroupSpec spec);

  [[nodiscard]] bool concerns(std::string_view identity) const override;
  [[nodiscard]] Opinion judge(Heard& heard, std::size_t& place) override;
  [[nodiscard]] std::string_view name() const override { return "group"; }
  [[nodiscard]] std::string key() const override;
  [[nodiscard]] std::vector<std::byte> save() const override;
  [[nodiscard]] bool restore(ByteView image) override;
  void mute(std::string_view identity) override;
  void forget(std::string_view identity) override;

 private:
  struct Member {
    std::string identity;
    double base = 0;            ///< what its number was of late
    std::uint64_t suspect = 0;  ///< since which turn its moves are not the group's; 0: they are
    std::uint32_t calm = 0;     ///< readings in range since the last that was not
    std::uint8_t grace = 0;     ///< how often it may still be ahead of its group
    bool known = false;         ///< has a baseline
  };
  /// What a member said last.
  struct Word {
    double move = 0;         ///< how far its number was from its baseline
    Millis at = 0;           ///< 0: it said nothing since the start
    std::uint64_t turn = 0;  ///< the same among all readings of the group: many share a moment
  };
  [[nodiscard]] std::size_t place_of(std::string_view identity, std::size_t last);
  [[nodiscard]] std::size_t join(std::string_view identity);
  template <class Visit>
  void each_fresh_peer(std::size_t place, Millis now, Visit visit) const;
  [[nodiscard]] bool has_fresh_peer(std::size_t place, Millis now) const;
  [[nodiscard]] double group_move(std::size_t place, Millis now) const;
  [[nodiscard]] bool group_answered(std::size_t place, Millis now) const;
  [[nodiscard]] Opinion compare(std::size_t place, double move, Millis now);
  [[nodiscard]] Opinion weigh(std::size_t place, bool far, Millis now);

  config::GroupSpec spec_;
  std::vector<Member> members_;  ///< in random order
  std::vector<Word> words_;      ///< of the same; apart, for all of a member's peers are asked
  ByIdentity<std::size_t> places_;
  std::uint64_t turns_ = 0;
  std::mt19937_64 dice_;
};

}  // namespace countersign::dataserv
