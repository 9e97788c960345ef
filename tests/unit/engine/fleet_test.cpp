#include "engine/fleet.hpp"

#include "countersign/envelope.hpp"
#include "countersign/keys.hpp"
#include "engine/hex.hpp"
#include "unit/engine/scene.hpp"

namespace countersign::engine {
namespace {

constexpr Millis kStart = 1'700'000'000'000;

/// Agents with connections and sessions, a card that proves itself, and a clock.
class FleetTest : public Scene {
 protected:
  FleetTest() {
    store::Record record;
    record.identity = "boss";
    record.card_uid = hex_of(uid_);
    record.k.fill()[0] = std::byte{0x42};
    holder_ = &registry_.put(record);
    desk_ = &connect("desk");
    gate_ = &connect("gate");
  }

  Connection& connect(const std::string& identity) {
    store::Record record;
    record.identity = identity;
    record.kind = Kind::agent;
    Principal& agent = registry_.put(record);
    Agreement agreement;
    agreement.kid = 1;
    EXPECT_NE(sessions_.open(agent, agreement, kStart), nullptr);
    Connection& connection = connections_.admit(&agent, identity, "127.0.0.1", kStart);
    connection.standing = Standing::proven;
    connection.identity = identity;
    connection.kid = 1;
    return connection;
  }

  void say(const Connection& agent, const std::string& event, Millis now) {
    fleet_.take_event(agent,
                      R"({"v":1,"number":1,"at":1,"uptime":1,"host":"h","event":")" + event +
                          R"(","reader":"r","card":")" + hex_of(uid_) + "\"}",
                      now);
  }

  /// The orders that have left since the last call.
  std::vector<CardOrder> orders() {
    std::vector<CardOrder> out;
    for (const auto& sent : std::exchange(broker_.sent, {})) {
      const auto envelope = parse_envelope(sent.payload);
      const auto order = envelope ? parse_card_order(envelope->body) : Refusal::malformed;
      EXPECT_TRUE(order);
      out.push_back(*order);
    }
    return out;
  }

  bool report(const Connection& agent, const CardReport& report, Millis now) {
    Bytes<kMaxCardReportBytes> room{};
    Writer out{room};
    write_card_report(report, out);
    return fleet_.take_report(agent, out.written(), now);
  }

  /// What an honest agent reports of a card that is there.
  CardReport proof(const CardOrder& order, LifeCycle state = LifeCycle::active,
                   std::uint32_t counter = 0) {
    Key32 here;
    EXPECT_TRUE(expand(crypto_, holder_->k.bytes(), "card here", {}, here));
    CardReport out;
    out.uid = order.uid;
    out.status = 0x9000;
    out.reader = "r";
    out.presence.life_cycle = state;
    out.presence.admin_counter = counter;
    Bytes<5> said{};
    Writer head{said};
    head.be(static_cast<std::uint8_t>(state)).be(counter);
    const std::array<ByteView, 3> parts{order.uid, said, order.challenge};
    Digest digest;
    EXPECT_TRUE(crypto_.hmac(here.bytes(), parts, digest));
    copy(ByteView{digest}.first<kTagBytes>(), out.presence.proof);
    return out;
  }

  [[nodiscard]] CardReport absent() const {
    CardReport out;
    out.uid = uid_;
    out.status = 0x6A82;
    return out;
  }

  void order(IssuerCommand command, std::uint32_t n) {
    holder_->card()->order = {};
    holder_->card()->order.instruction = command;
    holder_->card()->order.proof.n = n;
  }

  [[nodiscard]] bool present() const { return fleet_.is_present(uid_, *holder_->card()); }
  [[nodiscard]] store::OrderState state() const { return holder_->card()->order.state; }

  const CardUid uid_ = *parse_card_uid("0123456789abcdef");
  Postman postman_{context_};
  Fleet fleet_{context_, postman_};
  Principal* holder_ = nullptr;
  Connection* desk_ = nullptr;
  Connection* gate_ = nullptr;
};

TEST_F(FleetTest, TakesAProofUntilTenSecondsAreOver) {
  for (const Millis late : {Millis{9'999}, Millis{10'000}}) {
    say(*desk_, "inserted", kStart);
    const CardOrder order = orders().at(0);
    EXPECT_TRUE(report(*desk_, proof(order), kStart + late));
    EXPECT_EQ(present(), late < 10'000);
    say(*desk_, "removed", kStart + late);
    EXPECT_FALSE(present());
  }
}

TEST_F(FleetTest, TakesAProofOnce) {
  say(*desk_, "inserted", kStart);
  const CardOrder order = orders().at(0);
  EXPECT_TRUE(report(*desk_, proof(order), kStart));
  say(*desk_, "removed", kStart);
  EXPECT_TRUE(report(*desk_, proof(order), kStart));
  EXPECT_FALSE(present());
}

TEST_F(FleetTest, TakesNoChallengeOfAnotherAgent) {
  say(*desk_, "inserted", kStart);
  const CardOrder order = orders().at(0);
  say(*gate_, "inserted", kStart);
  orders();
  EXPECT_TRUE(report(*gate_, proof(order), kStart));
  EXPECT_FALSE(present());
  EXPECT_TRUE(report(*desk_, proof(order), kStart));
  EXPECT_TRUE(present()) << "it was the desk's, and nobody else spent it";
}

TEST_F(FleetTest, KnowsWhichOfSeveralChallengesAProofIsFor) {
  for (int i = 0; i < 3; ++i) {
    say(*desk_, "inserted", kStart);
  }
  const auto asked = orders();
  ASSERT_EQ(asked.size(), 3U);
  for (const std::size_t which : {1U, 2U, 0U}) {
    holder_->card()->sighting.seen_at = 0;
    EXPECT_TRUE(report(*desk_, proof(asked[which]), kStart + 1));
    EXPECT_EQ(holder_->card()->sighting.seen_at, kStart + 1) << which;
  }
}

TEST_F(FleetTest, KeepsFourChallengesForACard) {
  for (int i = 0; i < 100; ++i) {
    say(*desk_, "inserted", kStart);
  }
  const auto asked = orders();
  ASSERT_EQ(asked.size(), 100U);
  EXPECT_TRUE(report(*desk_, proof(asked[95]), kStart));
  EXPECT_FALSE(present()) << "gave way to later ones, and its report spent the oldest";
  EXPECT_TRUE(report(*desk_, proof(asked[97]), kStart));
  EXPECT_TRUE(present());
}

TEST_F(FleetTest, RefusesWhatIsNoReport) {
  const Bytes<54> zeros{};
  EXPECT_FALSE(fleet_.take_report(*desk_, {}, kStart));
  EXPECT_FALSE(fleet_.take_report(*desk_, zeros, kStart));
  EXPECT_TRUE(report(*desk_, absent(), kStart)) << "nobody asked, but it is one";
}

TEST_F(FleetTest, TakesNoProofOfAStateThatProvesNothing) {
  for (const LifeCycle state : {LifeCycle::created, LifeCycle::terminated, LifeCycle::none}) {
    say(*desk_, "inserted", kStart);
    EXPECT_TRUE(report(*desk_, proof(orders().at(0), state), kStart));
    EXPECT_FALSE(present());
  }
}

TEST_F(FleetTest, AnswersASearchAfterASecondAtTheLatest) {
  say(*desk_, "reader_added", kStart);
  std::vector<bool> answers;
  fleet_.locate(
      uid_, *holder_, [&](bool found, Millis) { answers.push_back(found); }, kStart);
  fleet_.tick(kStart + 999);
  EXPECT_TRUE(answers.empty());
  fleet_.tick(kStart + 1000);
  EXPECT_EQ(answers, std::vector<bool>{false});
  EXPECT_TRUE(report(*desk_, proof(orders().at(0)), kStart + 2000));
  EXPECT_TRUE(present()) << "too late for who asked, but not for the books";
  EXPECT_EQ(answers.size(), 1U);
}

TEST_F(FleetTest, AnswersASearchIfTheClockIsSetBack) {
  say(*desk_, "reader_added", kStart);
  bool answered = false;
  fleet_.locate(
      uid_, *holder_, [&](bool, Millis) { answered = true; }, kStart);
  fleet_.tick(kStart - 5000);
  EXPECT_TRUE(answered);
}

TEST_F(FleetTest, WaitsForTheReportOnItsOwnChallenge) {
  say(*desk_, "inserted", kStart);
  bool answered = false;
  fleet_.locate(
      uid_, *holder_, [&](bool, Millis) { answered = true; }, kStart);
  EXPECT_TRUE(report(*desk_, absent(), kStart));
  EXPECT_FALSE(answered) << "that was for the insertion";
  EXPECT_TRUE(report(*desk_, absent(), kStart));
  EXPECT_TRUE(answered);
}

TEST_F(FleetTest, CallsAnOrderSentOnlyWhileItIsOpen) {
  order(IssuerCommand::deactivate, 5);
  const store::Order& due = holder_->card()->order;
  EXPECT_FALSE(fleet_.is_sent(uid_, due));
  say(*desk_, "inserted", kStart);
  EXPECT_EQ(orders().at(0).command, IssuerCommand::deactivate);
  EXPECT_TRUE(fleet_.is_sent(uid_, due));
  fleet_.sweep(kStart + 9'999);
  EXPECT_TRUE(fleet_.is_sent(uid_, due));
  fleet_.sweep(kStart + 10'000);
  EXPECT_FALSE(fleet_.is_sent(uid_, due));
  say(*desk_, "inserted", kStart + 20'000);
  order(IssuerCommand::activate, 6);
  EXPECT_FALSE(fleet_.is_sent(uid_, holder_->card()->order)) << "another one is";
}

struct Outcome {
  LifeCycle life_cycle;
  std::uint32_t counter;
  std::uint16_t status;
  store::OrderState state;
};

class OrderTest : public FleetTest, public testing::WithParamInterface<Outcome> {};

/// An order to deactivate, n = 5.
TEST_P(OrderTest, EndsAsTheProofSays) {
  order(IssuerCommand::deactivate, 5);
  say(*desk_, "inserted", kStart);
  CardReport said = proof(orders().at(0), GetParam().life_cycle, GetParam().counter);
  said.status = GetParam().status;
  EXPECT_TRUE(report(*desk_, said, kStart));
  EXPECT_EQ(state(), GetParam().state);
  EXPECT_TRUE(present());
}

INSTANTIATE_TEST_SUITE_P(
    All, OrderTest,
    testing::Values(Outcome{LifeCycle::deactivated, 5, 0x9000, store::OrderState::done},
                    Outcome{LifeCycle::deactivated, 9, 0x6A80, store::OrderState::done},
                    Outcome{LifeCycle::deactivated, 4, 0x9000, store::OrderState::waiting},
                    Outcome{LifeCycle::active, 5, 0x9000, store::OrderState::waiting},
                    Outcome{LifeCycle::active, 5, 0x6A80, store::OrderState::refused},
                    Outcome{LifeCycle::active, 4, 0x6A80, store::OrderState::waiting},
                    Outcome{LifeCycle::active, 0, 0x6982, store::OrderState::refused},
                    Outcome{LifeCycle::active, 0, 0x6985, store::OrderState::waiting}));

TEST_F(FleetTest, TakesNoRefusalWithoutAProof) {
  for (const std::uint16_t status : {std::uint16_t{0x6982}, std::uint16_t{0x6A80}}) {
    order(IssuerCommand::deactivate, 5);
    say(*desk_, "inserted", kStart);
    CardReport said = absent();
    said.status = status;
    EXPECT_TRUE(report(*desk_, said, kStart));
    EXPECT_EQ(state(), store::OrderState::waiting);
  }
}

TEST_F(FleetTest, TakesNoRefusalOfWhatItDidNotSend) {
  say(*desk_, "inserted", kStart);
  const CardOrder before = orders().at(0);
  order(IssuerCommand::deactivate, 5);
  CardReport said = proof(before);
  said.status = 0x6982;
  EXPECT_TRUE(report(*desk_, said, kStart));
  EXPECT_EQ(state(), store::OrderState::waiting);
}

TEST_F(FleetTest, BelievesAnAgentOnlyWhileItsSessionLives) {
  say(*desk_, "inserted", kStart);
  EXPECT_TRUE(report(*desk_, proof(orders().at(0)), kStart));
  fleet_.sweep(kStart);
  EXPECT_TRUE(present());
  sessions_.end_all(*registry_.find("desk"), false, kStart);
  fleet_.sweep(kStart);
  EXPECT_FALSE(present());
  EXPECT_FALSE(fleet_.is_connected("desk"));
}

TEST_F(FleetTest, AsksOnAnEarlierConnectionWhenTheLaterOneIsGone) {
  Connection& later = connections_.admit(&fleet_, "desk~2", "127.0.0.1", kStart);
  later.standing = Standing::proven;
  later.identity = "desk";
  later.kid = 1;
  say(*desk_, "inserted", kStart);
  EXPECT_TRUE(report(*desk_, proof(orders().at(0)), kStart));
  say(later, "reader_added", kStart);
  fleet_.depart(later.handle, kStart);
  connections_.depart(later.handle);
  EXPECT_TRUE(present());
  fleet_.deliver(uid_, *holder_, kStart);
  ASSERT_EQ(broker_.sent.size(), 1U);
  EXPECT_EQ(broker_.sent[0].topic, "countersign/notice/desk");
  fleet_.depart(desk_->handle, kStart);
  EXPECT_FALSE(present());
}

TEST_F(FleetTest, RemembersEightConnectionsOfAnAgent) {
  std::array<int, 9> handles{};
  for (std::size_t i = 0; i < handles.size(); ++i) {
    Connection& more =
        connections_.admit(&handles[i], "gate~" + std::to_string(i), "127.0.0.1", kStart);
    more.standing = Standing::proven;
    more.identity = "gate";
    more.kid = 1;
    say(more, "reader_added", kStart);
  }
  for (std::size_t i = 1; i < handles.size(); ++i) {
    EXPECT_TRUE(fleet_.is_connected("gate"));
    fleet_.depart(&handles[i], kStart);
  }
  EXPECT_FALSE(fleet_.is_connected("gate")) << "the first gave way to the ninth";
}

TEST_F(FleetTest, SendsNothingWhereNoCardIs) {
  order(IssuerCommand::deactivate, 5);
  say(*desk_, "reader_added", kStart);
  fleet_.deliver(uid_, *holder_, kStart);
  EXPECT_TRUE(broker_.sent.empty());
}

}  // namespace
}  // namespace countersign::engine
