#include "dataserv/group_judge.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "unit/config/allocations.hpp"
#include "unit/dataserv/said.hpp"

namespace countersign::dataserv {
namespace {

constexpr Millis kSecond = 1000;

/// A group whose members speak in turn, once a second each.
class Group : public ::testing::Test {
 protected:
  explicit Group(std::size_t size = 5) {
    for (std::size_t i = 0; i < size; ++i) {
      names_.push_back("mote-" + std::to_string(i));
    }
    for (int i = 0; i < 100; ++i) {
      round([](std::size_t member) { return 20.0 + static_cast<double>(member); });
    }
    objections_.clear();
  }

  /// Every member says `number(member)`.
  template <class Number>
  void round(Number number) {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      now_ += kSecond / 5;
      if (said(judge_, names_[i], number(i), now_) == Opinion::out_of_range) {
        ++objections_[i];
      }
    }
  }

  GroupJudge judge_{{.path = {true, ""}, .members = {"mote-*"}, .tolerance = 1}};
  std::vector<std::string> names_;
  std::map<std::size_t, int> objections_;
  Millis now_ = kSecond;
};

TEST_F(Group, PenalisesNobodyWhenAllMoveTogether) {
  for (int i = 0; i < 50; ++i) {
    round([](std::size_t member) { return 35.0 + static_cast<double>(member); });
  }
  for (int i = 0; i < 50; ++i) {
    round([](std::size_t member) { return 5.0 + static_cast<double>(member); });
  }
  EXPECT_TRUE(objections_.empty());
}

TEST_F(Group, FindsTheOneWhoLies) {
  for (int i = 0; i < 20; ++i) {
    round(
        [](std::size_t member) { return member == 2 ? 30.0 : 20.0 + static_cast<double>(member); });
  }
  EXPECT_EQ(objections_.size(), 1U);
  EXPECT_GE(objections_[2], 19);
}

TEST_F(Group, FindsTheLiarWhenAllSpeakInOneMoment) {
  const Millis moment = now_ + 1;
  int objections = 0;
  for (int i = 0; i < 4; ++i) {
    for (std::size_t member = 0; member < names_.size(); ++member) {
      const double number = member == 2 ? 90 : 20.0 + static_cast<double>(member);
      objections += said(judge_, names_[member], number, moment) == Opinion::out_of_range ? 1 : 0;
    }
  }
  EXPECT_EQ(objections, 3) << "all but the first, which might have been ahead of the group";
}

TEST_F(Group, IsNotDraggedByAMinorityOfLiars) {
  for (int i = 0; i < 20; ++i) {
    round(
        [](std::size_t member) { return member < 2 ? 40.0 : 20.0 + static_cast<double>(member); });
  }
  EXPECT_EQ(objections_.size(), 2U);
  EXPECT_GE(objections_[0], 19);
  EXPECT_GE(objections_[1], 19);
}

TEST_F(Group, FollowsAGreatLieOnlyByItsTolerance) {
  for (int i = 0; i < 600; ++i) {
    round([](std::size_t member) {
      return member == 2 ? 500.0 : 20.0 + static_cast<double>(member);
    });
  }
  EXPECT_GE(objections_[2], 599) << "its baseline came to the lie";
  EXPECT_EQ(objections_.size(), 1U);
}

TEST_F(Group, ForgivesNobodyWhoLiesEverySecondTime) {
  for (int i = 0; i < 20; ++i) {
    round([i](std::size_t member) {
      return member == 2 && i % 2 == 0 ? 30.0 : 20.0 + static_cast<double>(member);
    });
  }
  EXPECT_GE(objections_[2], 7);
  EXPECT_EQ(objections_.size(), 1U);
}

TEST_F(Group, TakesASlowDriftOfOneForALieOnceItIsFarEnough) {
  int round_number = 0;
  while (objections_.empty() && round_number < 1000) {
    ++round_number;
    round([round_number](std::size_t member) {
      return 20.0 + static_cast<double>(member) + (member == 1 ? 0.05 * round_number : 0);
    });
  }
  EXPECT_LT(round_number, 200);
  EXPECT_EQ(objections_.begin()->first, 1U);
}

TEST_F(Group, SaysNothingOfWhoeverIsAloneOrNoMember) {
  now_ += 600 * kSecond;
  EXPECT_EQ(said(judge_, "mote-0", 99, now_), Opinion::silent);
  EXPECT_EQ(said(judge_, "pump-1", 99, now_), Opinion::silent);
}

TEST_F(Group, ObjectsToWhatIsNoNumber) {
  for (const char* const payload : {"", "nan", "inf", "twenty"}) {
    EXPECT_EQ(said(judge_, "mote-0", std::string{payload}, now_), Opinion::out_of_range);
  }
}

TEST_F(Group, KeepsItsBaselinesOverASave) {
  GroupJudge other{{.path = {true, ""}, .members = {"mote-*"}, .tolerance = 1}};
  ASSERT_TRUE(other.restore(judge_.save()));
  EXPECT_EQ(other.key(), judge_.key());
  for (int i = 0; i < 3; ++i) {
    for (std::size_t member = 0; member < names_.size(); ++member) {
      now_ += kSecond;
      EXPECT_NE(said(other, names_[member], 20.0 + static_cast<double>(member), now_),
                Opinion::out_of_range);
    }
  }
  EXPECT_EQ(said(other, "mote-1", 22, now_ + 1), Opinion::in_range);
  for (int i = 0; i < 4; ++i) {
    static_cast<void>(said(other, "mote-1", 26, now_ + 2));
  }
  EXPECT_EQ(said(other, "mote-1", 26, now_ + 3), Opinion::out_of_range);
}

TEST_F(Group, TakesNoDamagedSave) {
  std::vector<std::byte> image = judge_.save();
  GroupJudge other{{.path = {true, ""}, .members = {"*"}, .tolerance = 1}};
  EXPECT_FALSE(other.restore({}));
  for (std::size_t size = 2; size < image.size(); ++size) {
    static_cast<void>(other.restore(ByteView{image}.first(size)));
  }
  image[0] = std::byte{9};
  EXPECT_FALSE(other.restore(image));
}

TEST_F(Group, ForgetsWhoeverIsRemoved) {
  judge_.forget("mote-1");
  judge_.forget("nobody");
  for (int i = 0; i < 20; ++i) {
    round([](std::size_t member) { return 20.0 + static_cast<double>(member); });
  }
  EXPECT_TRUE(objections_.empty());
}

TEST_F(Group, AllocatesNothingOnceItKnowsItsMembers) {
  const std::string payload = "20.5";
  std::size_t place = 0;
  const std::size_t before = allocations();
  for (int i = 0; i < 100; ++i) {
    Heard heard{"mote-0", {bytes_of(payload), config::Format::json}, now_};
    static_cast<void>(judge_.judge(heard, place));
  }
  EXPECT_EQ(allocations(), before);
}

TEST_F(Group, DoesNotHearWhoeverWasExpelled) {
  for (int i = 0; i < 5; ++i) {
    round([](std::size_t member) { return member == 0 ? 20.0 : 90.0; });
  }
  for (std::size_t member = 1; member < names_.size(); ++member) {
    judge_.mute(names_[member]);
  }
  EXPECT_EQ(said(judge_, "mote-0", 21, now_), Opinion::silent) << "it is alone";
}

class Pair : public Group {
 protected:
  Pair() : Group{2} {}
};

TEST_F(Pair, BlamesOnlyTheOneWhoMoved) {
  for (int i = 0; i < 20; ++i) {
    round([](std::size_t member) { return member == 1 ? 40.0 : 20.0; });
  }
  EXPECT_EQ(objections_.size(), 1U);
  EXPECT_GE(objections_[1], 18);
}

TEST_F(Pair, BlamesNobodyWhenBothMove) {
  for (int i = 0; i < 20; ++i) {
    round([](std::size_t member) { return 30.0 + static_cast<double>(member); });
  }
  EXPECT_TRUE(objections_.empty());
}

TEST_F(Pair, LeavesWhoeverOutlivesTheOtherAlone) {
  judge_.forget("mote-1");
  EXPECT_EQ(said(judge_, "mote-0", 20, now_), Opinion::silent);
}

class Trio : public Group {
 protected:
  Trio() : Group{3} {}
};

TEST_F(Trio, LetsNoLieCoverASmallerOne) {
  for (int i = 0; i < 10; ++i) {
    round([](std::size_t member) {
      return 20.0 + static_cast<double>(member) + (member == 1 ? 70 : member == 2 ? 50 : 0);
    });
  }
  EXPECT_GE(objections_[1], 7);
  EXPECT_GE(objections_[2], 7);
  EXPECT_EQ(objections_.size(), 2U);
}

class Crowd : public Group {
 protected:
  Crowd() : Group{200} {}
};

TEST_F(Crowd, ComparesWithAFewAndStillFindsTheLiars) {
  for (int i = 0; i < 20; ++i) {
    round([](std::size_t member) {
      return member % 10 == 0 ? 500.0 : 20.0 + static_cast<double>(member);
    });
  }
  EXPECT_EQ(objections_.size(), 20U);
}

}  // namespace
}  // namespace countersign::dataserv
