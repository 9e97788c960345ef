#include <gmock/gmock.h>

#include "unit/client/core_scene.hpp"
#include "unit/client/registered.hpp"

namespace countersign::client {
namespace {

using test::CoreScene;
using test::kPassword;
using test::Octets;
using test::octets;
using test::RegisteredSource;
using testing::HasSubstr;

constexpr std::string_view kQuery = "uuid;flip;mask(0102030405060708)";

/// The same scene with a registration instead of a key, and T's half of MFA_R.
struct MfarScene : CoreScene {
  explicit MfarScene(Options with = {}) : CoreScene{std::move(with)} { options.server_id.clear(); }
  KeySource& source() override { return registration; }

  Octets question(std::uint16_t kid) {
    asking = std::make_unique<MfarResponder>();
    return octets(*asking->ask(crypto, random, Suite::x25519, AuthCode{}, kid, kQuery));
  }

  /// T takes the last `a` and says so.
  void accept(ByteView a) {
    ASSERT_EQ(
        asking->accept(crypto, registration.registered.k_reg, registration.registered.fields, a),
        Refusal::none);
    answer(*asking->finish(crypto, {}));
    ASSERT_TRUE(derive(crypto, asking->agreement().sk, Direction::down, down));
    ASSERT_TRUE(derive(crypto, asking->agreement().sk, Direction::up, up));
    down_kid = asking->agreement().kid;
    down_seq = 0;
  }

  /// q by topic, and all that follows.
  void ask(std::uint16_t kid) {
    answer(question(kid));
    accept(handshake_messages().back());
  }

  void log_in(std::uint16_t kid = 1) {
    start();
    tell(Opened{});
    ask(kid);
  }

  /// q as T demands it in the session.
  void demand(ByteView q) { arrive(notice_topic(client_id()), sign(q)); }

  /// The payload of the last envelope on the handshake topic; nothing if none opens.
  Octets last_signed() {
    for (auto entry = link.sent.rbegin(); entry != link.sent.rend(); ++entry) {
      const auto& payload = entry->second.payload;
      if (entry->second.topic == kAuthTopic && looks_signed(payload)) {
        const auto claim = parse_envelope(payload);
        const openssl::OpenSslMacKey mac{up.mac};
        const MessageContext context{.topic = bytes_of(kAuthTopic), .props = {}};
        return verify(mac, *claim, context) == Refusal::none ? octets(claim->body) : Octets{};
      }
    }
    return {};
  }

  RegisteredSource registration;
  std::unique_ptr<MfarResponder> asking;
  DirectionKey up;
};

TEST(MfarLogin, TakesStepOneByConnect) {
  MfarScene scene;
  scene.log_in(300);
  ASSERT_EQ(scene.logins.size(), 1U);
  ASSERT_TRUE(scene.logins[0]) << scene.logins[0].why().text;
  EXPECT_EQ(scene.logins[0]->kid, 300);
  EXPECT_TRUE(is_stranger(scene.client_id()));
  EXPECT_EQ(scene.link.opens[0].username, "mote-3");
  EXPECT_EQ(scene.link.opens[0].password, kPassword);
  EXPECT_TRUE(scene.link.opens[0].clean);
  EXPECT_EQ(scene.handshake_messages().size(), 1U) << "the answer alone";
  EXPECT_EQ(scene.core->state(), State::online);
}

TEST(MfarLogin, TakesStepOneByTopicIfThatIsWanted) {
  Options options;
  options.step_one = StepOne::topic;
  MfarScene scene{options};
  scene.start();
  scene.tell(Opened{});
  EXPECT_TRUE(scene.link.opens[0].username.empty());
  EXPECT_TRUE(scene.link.opens[0].password.empty());
  const auto messages = scene.handshake_messages();
  ASSERT_EQ(messages.size(), 1U);
  const auto claim = parse_password_claim(messages[0]);
  ASSERT_TRUE(claim);
  EXPECT_EQ(text_of(claim->password), kPassword);
  scene.ask(2);
  EXPECT_EQ(scene.core->session()->kid, 2);
}

TEST(MfarLogin, SaysWhatARefusedPasswordMayMean) {
  for (const int code : {4, 5, 0x86, 0x87}) {
    MfarScene scene;
    scene.start();
    scene.tell(OpenFailed{code, "refused"});
    ASSERT_EQ(scene.logins.size(), 1U);
    EXPECT_EQ(scene.logins[0].why().fault, Fault::refused);
    EXPECT_THAT(scene.logins[0].why().text, HasSubstr("user and password"));
    EXPECT_THAT(scene.logins[0].why().hint, HasSubstr("locked out"));
  }
}

TEST(MfarLogin, SaysThatNoBrokerIsThere) {
  MfarScene scene;
  scene.start();
  scene.tell(OpenFailed{0, "connection refused"});
  ASSERT_EQ(scene.logins.size(), 1U);
  EXPECT_EQ(scene.logins[0].why().fault, Fault::network);
}

TEST(MfarLogin, FailsIfItsKeyCannotBeRead) {
  MfarScene scene;
  scene.registration.missing = true;
  scene.start();
  ASSERT_EQ(scene.logins.size(), 1U);
  EXPECT_EQ(scene.logins[0].why().text, "the key file is gone");
  EXPECT_TRUE(scene.link.opens.empty());
}

TEST(MfarLogin, TellsThatNobodyAnswered) {
  MfarScene scene;
  scene.start();
  scene.tell(Opened{});
  for (int i = 0; i < 31; ++i) {
    scene.pass(1'000);
  }
  ASSERT_EQ(scene.logins.size(), 1U);
  EXPECT_EQ(scene.logins[0].why().fault, Fault::refused);
  EXPECT_THAT(scene.logins[0].why().hint, HasSubstr("what the registration gave"));
}

TEST(MfarConnection, ReadsItsKeyAnewForEachConnection) {
  MfarScene scene;
  scene.log_in();
  EXPECT_EQ(scene.registration.asked, 1);
  scene.tell(Lost{"broker killed"});
  scene.pass(5'000);
  EXPECT_TRUE(parse_resume_proof(scene.link.opens.back().password)) << "resumed as ever";
  scene.registration.registered.password = "another";
  scene.tell(OpenFailed{5, "refused"});
  scene.pass(31'000);
  EXPECT_EQ(scene.link.opens.back().password, "another");
  scene.tell(Opened{});
  scene.ask(2);
  EXPECT_EQ(scene.core->session()->kid, 2);
  EXPECT_EQ(scene.registration.asked, 2);
}

TEST(MfarConnection, TriesARefusedPasswordEverMoreRarely) {
  MfarScene scene;
  scene.log_in();
  scene.tell(Lost{"broker killed"});
  scene.pass(5'000);
  scene.tell(OpenFailed{5, "refused"});
  scene.pass(31'000);
  for (const Millis pause : {1'000, 2'000, 4'000, 8'000, 16'000}) {
    const std::size_t opens = scene.link.opens.size();
    scene.tell(OpenFailed{5, "refused"});
    scene.pass(pause - 1);
    EXPECT_EQ(scene.link.opens.size(), opens) << pause;
    scene.pass(1);
    EXPECT_EQ(scene.link.opens.size(), opens + 1) << pause;
  }
}

TEST(MfarEnforcement, IsAnsweredInTheSessionAndTheMessageGoesOutAgain) {
  MfarScene scene;
  scene.log_in(1);
  const std::size_t plain = scene.handshake_messages().size();
  scene.publish("x");
  scene.tell(Acked{scene.link.sent.back().first, 0x87});
  scene.notice(Refusal::enforcement, scene.last_header().seq);
  EXPECT_EQ(scene.core->state(), State::handshaking);
  scene.demand(scene.question(2));
  EXPECT_EQ(scene.core->session()->kid, 1);
  const Octets a = scene.last_signed();
  ASSERT_TRUE(parse_answer(a));
  EXPECT_EQ(scene.handshake_messages().size(), plain) << "nothing in the clear, no password";
  scene.accept(a);
  EXPECT_EQ(scene.core->session()->kid, 2);
  EXPECT_EQ(scene.last_header().kid, 2);
  EXPECT_EQ(scene.link.opens.size(), 1U) << "on the same connection";
  scene.tell(Acked{scene.link.sent.back().first, 0});
  ASSERT_EQ(scene.published.size(), 1U);
  EXPECT_TRUE(scene.published[0]);
}

TEST(MfarEnforcement, IsAnsweredAlsoWhereItsNoticeGotLost) {
  MfarScene scene;
  scene.log_in(1);
  scene.demand(scene.question(2));
  scene.accept(scene.last_signed());
  EXPECT_EQ(scene.core->session()->kid, 2);
}

TEST(MfarEnforcement, IsAnsweredWithTheSameBytesHoweverOftenItIsDemanded) {
  MfarScene scene;
  scene.log_in(1);
  const Octets q = scene.question(2);
  scene.demand(q);
  const Octets a = scene.last_signed();
  const std::size_t sent = scene.link.sent.size();
  scene.pass(500);
  scene.demand(q);
  EXPECT_EQ(scene.last_signed(), a);
  EXPECT_GT(scene.link.sent.size(), sent);
}

TEST(MfarEnforcement, IsNothingToAQuestionThatNobodySigned) {
  MfarScene scene;
  scene.log_in(1);
  const std::size_t sent = scene.link.sent.size();
  const Octets q = scene.question(2);
  scene.arrive(notice_topic(scene.client_id()), q);
  scene.answer(q);
  Octets forged = scene.sign(q);
  forged.back() ^= std::byte{1};
  scene.arrive(notice_topic(scene.client_id()), forged);
  scene.pass(60'000);
  EXPECT_EQ(scene.link.sent.size(), sent);
  EXPECT_EQ(scene.core->state(), State::online);
  EXPECT_EQ(scene.registration.asked, 1);
}

TEST(MfarEnforcement, AnswersNoCopyOfItsQuestionInTheClear) {
  MfarScene scene;
  scene.log_in(1);
  scene.publish("x");
  scene.notice(Refusal::enforcement, scene.last_header().seq);
  const std::size_t plain = scene.handshake_messages().size();
  scene.answer(scene.question(2));
  scene.pass(900);
  EXPECT_EQ(scene.handshake_messages().size(), plain);
}

TEST(MfarRenewal, TakesStepOneByTopicOnTheConnectionThatIsThere) {
  MfarScene scene;
  scene.log_in(1);
  scene.publish("x");
  scene.notice(Refusal::expired, scene.last_header().seq);
  EXPECT_TRUE(parse_password_claim(scene.handshake_messages().back()));
  scene.ask(2);
  EXPECT_EQ(scene.core->session()->kid, 2);
  EXPECT_EQ(scene.link.opens.size(), 1U);
  EXPECT_EQ(scene.last_header().kid, 2);
}

TEST(Enforcement, OfMfarIsNothingToAKeyOfAplus) {
  CoreScene scene;
  scene.log_in(1);
  MfarResponder server;
  const Octets q =
      octets(*server.ask(scene.crypto, scene.random, Suite::x25519, AuthCode{}, 2, kQuery));
  scene.arrive(notice_topic(scene.client_id()), scene.sign(q));
  EXPECT_EQ(scene.key.epoch, 1U);
  EXPECT_EQ(scene.core->state(), State::online);
}

}  // namespace
}  // namespace countersign::client
