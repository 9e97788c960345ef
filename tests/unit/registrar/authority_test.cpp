#include "registrar/authority.hpp"

#include <gmock/gmock.h>

#include "registrar/settings.hpp"

namespace countersign::registrar {
namespace {

constexpr Millis kNow = 1'000'000;
const Origin kOrigin{"192.0.2.1", "192.0.2.1"};
// SHA-256 of "abc": FIPS 180-2, appendix B.1
const std::string kHashOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const std::string kEnrolment(43, 'A');

Settings settings_with(const std::string& lines) {
  const auto parsed = parse_settings("certificate = \"a\"\nkey = \"b\"\nclient_ca = \"c\"\n" +
                                         lines + "[broker]\nkey_file = \"d\"\n",
                                     "r");
  EXPECT_TRUE(parsed) << parsed.why().text;
  return *parsed;
}

Settings of_abc() { return settings_with("admin_token_hashes = [\"" + kHashOfAbc + "\"]\n"); }

/// The caller's name, or the status of the answer.
std::string judge(Authority& authority, const Credentials& shown,
                  Access access = Access::administrator, Millis now = kNow) {
  auto judged = authority.judge(shown, access, kOrigin, now);
  if (const auto* const answer = std::get_if<Answer>(&judged)) {
    return std::to_string(answer->status);
  }
  return std::get<Caller>(judged).name;
}

TEST(Authority, KnowsAnAdministratorByTheHashOfTheToken) {
  Authority authority{of_abc()};
  EXPECT_EQ(judge(authority, {"Bearer abc", ""}), "token:1");
  EXPECT_EQ(judge(authority, {"bEARER abc", ""}), "token:1");
  for (const std::string_view wrong :
       {"Bearer abd", "Bearer", "Bearer ", "Bearer  abc", "Bearer abc ", "Basic abc", "abc"}) {
    Authority fresh{of_abc()};
    EXPECT_EQ(judge(fresh, {wrong, ""}), "401") << wrong;
  }
}

TEST(Authority, TakesTheHashItselfForNoToken) {
  Authority authority{of_abc()};
  EXPECT_EQ(judge(authority, {"Bearer " + kHashOfAbc, ""}), "401");
}

TEST(Authority, KnowsAnAdministratorByTheCertificate) {
  Authority everybody{of_abc()};
  EXPECT_EQ(judge(everybody, {"", "CN=a"}), "certificate:CN=a");
  Authority listed{settings_with("administrators = [\"CN=a,O=p\", \"CN=b\"]\n")};
  EXPECT_EQ(judge(listed, {"", "CN=a,O=p"}), "certificate:CN=a,O=p");
  EXPECT_EQ(judge(listed, {"", "CN=a"}), "403");
  EXPECT_EQ(judge(listed, {"", "CN=a,O=p,CN=b"}), "403");
}

TEST(Authority, LetsATokenDecideBeforeACertificate) {
  Authority authority{of_abc()};
  EXPECT_EQ(judge(authority, {"Bearer wrong", "CN=a"}), "401");
  EXPECT_EQ(judge(authority, {"Bearer " + kEnrolment, "CN=a"}, Access::enrolling), "enrolment");
}

TEST(Authority, PassesEnrolmentTokensOnOnlyWhereTheyCanBeUsed) {
  Authority authority{of_abc()};
  const std::string bearer = "Bearer " + kEnrolment;
  auto judged = authority.judge({bearer, ""}, Access::enrolling, kOrigin, kNow);
  ASSERT_TRUE(std::holds_alternative<Caller>(judged));
  EXPECT_EQ(std::get<Caller>(judged).token, kEnrolment);
  EXPECT_EQ(judge(authority, {bearer, ""}, Access::administrator), "401");
  EXPECT_EQ(judge(authority, {bearer + "A", ""}, Access::enrolling), "401");
  EXPECT_EQ(judge(authority, {"Bearer " + std::string(42, 'A') + "=", ""}, Access::enrolling),
            "401");
}

TEST(Authority, AsksNobodyWhereAnybodyMay) {
  Authority authority{of_abc()};
  EXPECT_EQ(judge(authority, {"Bearer nonsense", ""}, Access::anybody), "");
  EXPECT_EQ(judge(authority, {"", ""}, Access::anybody), "");
  EXPECT_EQ(judge(authority, {"", ""}, Access::enrolling), "401");
}

TEST(Authority, TellsAllFailuresAlike) {
  Authority authority{of_abc()};
  std::vector<std::string> bodies;
  for (const std::string_view wrong : {"", "Bearer x", "Basic x", "nonsense"}) {
    auto judged = authority.judge({wrong, ""}, Access::enrolling, kOrigin, kNow);
    bodies.push_back(std::get<Answer>(judged).body);
  }
  EXPECT_THAT(bodies, ::testing::Each(unauthorised("spent").body));
}

TEST(Authority, MakesGuessersWaitAndLooksAtNothingMeanwhile) {
  Authority authority{of_abc()};
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(judge(authority, {"Bearer x", ""}), "401");
  }
  EXPECT_EQ(judge(authority, {"Bearer abc", ""}), "429");
  EXPECT_EQ(judge(authority, {"", "CN=a"}), "certificate:CN=a") << "nobody can guess that";
  EXPECT_EQ(judge(authority, {"", ""}), "401") << "no guess";
  EXPECT_EQ(judge(authority, {"Bearer abc", ""}, Access::administrator, kNow + 1'000), "token:1");
  EXPECT_EQ(judge(authority, {"Bearer x", ""}, Access::administrator, kNow + 1'000), "401");
}

TEST(Authority, CountsEnrolmentTokensThatThePluginRefused) {
  Authority authority{of_abc()};
  for (int i = 0; i < 5; ++i) {
    authority.enrolment_ended(false, kOrigin, kNow);
  }
  EXPECT_EQ(judge(authority, {"Bearer " + kEnrolment, ""}, Access::enrolling), "429");
}

TEST(Authority, ForgetsAnAdministratorWhenRenewed) {
  Authority authority{of_abc()};
  authority.renew(settings_with("administrators = [\"CN=b\"]\n"));
  EXPECT_EQ(judge(authority, {"Bearer abc", ""}), "401");
  EXPECT_EQ(judge(authority, {"", "CN=a"}), "403");
}

TEST(Authority, MakesTokensThatItKnows) {
  const auto made = make_admin_token();
  const auto other = make_admin_token();
  ASSERT_TRUE(made && other);
  EXPECT_NE(made->token, other->token);
  Authority authority{
      settings_with("admin_token_hashes = [\"" + other->hash + "\", \"" + made->hash + "\"]\n")};
  EXPECT_EQ(judge(authority, {"Bearer " + made->token, ""}), "token:2");
}

}  // namespace
}  // namespace countersign::registrar
