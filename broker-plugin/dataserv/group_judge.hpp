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
  GroupJudge(config::Format format, config::GroupSpec spec);

  [[nodiscard]] Opinion judge(const Reading& reading) override;
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
    double move = 0;            ///< how far the last one was from there
    Millis last = 0;            ///< when that came; 0: not since the start
    std::uint64_t turn = 0;     ///< the same among all readings of the group: many share a moment
    std::uint64_t suspect = 0;  ///< since which turn its moves are not the group's; 0: they are
    std::uint32_t calm = 0;     ///< readings in range since the last that was not
    std::uint8_t grace = 0;     ///< how often it may still be ahead of its group
    bool known = false;         ///< has a baseline
  };
  Member* member(std::string_view identity);
  Member& join(std::string_view identity);
  template <class Visit>
  void each_fresh_peer(const Member& of, Millis now, Visit visit) const;
  [[nodiscard]] bool group_move(const Member& of, Millis now, double& move) const;
  [[nodiscard]] bool group_answered(const Member& of, Millis now) const;
  [[nodiscard]] Opinion weigh(Member& member, bool far, Millis now) const;

  config::Format format_;
  config::GroupSpec spec_;
  std::vector<Member> members_;  ///< in random order
  ByIdentity<std::size_t> places_;
  std::uint64_t turns_ = 0;
  std::mt19937_64 dice_;
};

}  // namespace countersign::dataserv
