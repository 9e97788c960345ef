#include "engine/inspector.hpp"

#include "unit/engine/scene.hpp"

namespace countersign::engine {
namespace {

/// One device at AUTH3 with a full score and a live session.
class InspectorTest : public Scene {
 protected:
  InspectorTest() {
    store::Record record;
    record.identity = "mote-3";
    record.reputation = {Level::auth3, kMaxScore};
    mote_ = &registry_.put(record);
    Agreement agreement;
    agreement.kid = 1;
    EXPECT_NE(sessions_.open(*mote_, agreement, 1), nullptr);
  }

  Inspector inspector_{context_, sessions_};
  Principal* mote_ = nullptr;
};

TEST_F(InspectorTest, TakesALateAnswerForAMissedLimit) {
  mote_->enforcement_deadline = 1000;
  inspector_.log_in(*mote_, 1001);
  EXPECT_FALSE(mote_->has_live_session());
  EXPECT_EQ(mote_->reputation, (Reputation{Level::auth2, kInitialScore}));
  EXPECT_EQ(mote_->enforcement_deadline, 0);
}

TEST_F(InspectorTest, RenewsABadScoreOnlyAfterAFall) {
  for (const bool fallen : {false, true}) {
    mote_->reputation = {Level::auth2, 2};
    mote_->enforcement_deadline = 1000;
    mote_->fallen = fallen;
    inspector_.log_in(*mote_, 1000);
    EXPECT_TRUE(mote_->has_live_session());
    EXPECT_EQ(mote_->reputation.score, fallen ? kInitialScore : 2);
  }
}

TEST_F(InspectorTest, ChangesNothingAtALoginThatNobodyDemanded) {
  inspector_.log_in(*mote_, 1000);
  EXPECT_EQ(mote_->reputation, (Reputation{Level::auth3, kMaxScore}));
}

}  // namespace
}  // namespace countersign::engine
