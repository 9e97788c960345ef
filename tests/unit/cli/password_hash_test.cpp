#include "client/cli/accounts/password_hash.hpp"

#include <gmock/gmock.h>

namespace countersign::cli {
namespace {

using testing::HasSubstr;

// mosquitto_passwd -b FILE mote-1 hello, and the same with -H sha512
const std::string kSalt = "vN/w78zJaL4HcaQH";
const std::string kDigest =
    "ie0DxrwBsF+Z2WfT1mnYVD/4o9lZSt52iAVR1X8mlvwWvxb6TYXgAdtao1WzylNVajiCIFQ3g5BTPARno3Pnmw==";

std::string stretched(const std::string& iterations) {
  return "$7$" + iterations + "$" + kSalt + "$" + kDigest;
}

TEST(PasswordHash, IsTakenAsMosquittoWritesIt) {
  EXPECT_EQ(objection_to_hash(stretched("101")), "");
  EXPECT_EQ(objection_to_hash("$6$" + kSalt + "$" + kDigest), "");
  EXPECT_EQ(objection_to_hash(stretched("100000")), "");
  EXPECT_EQ(objection_to_hash("$7$101$AA==$" + kDigest), "") << "a salt of one byte";
}

TEST(PasswordHash, MayNotMakeTheBrokerWorkForLong) {
  EXPECT_EQ(objection_to_hash(stretched("100001")),
            "its password hash takes 100001 iterations, more than 100000");
  EXPECT_THAT(objection_to_hash(stretched("4294967295")), HasSubstr("4294967295 iterations"));
}

TEST(PasswordHash, OfAnotherKindIsNotTaken) {
  EXPECT_THAT(objection_to_hash("hello"), HasSubstr("not hashed"));
  EXPECT_THAT(objection_to_hash(""), HasSubstr("not hashed"));
  for (const char* const other : {"$", "$1$a$b", "$2b$10$abc", "$argon2id$v=19$x", "$77$1$a$b"}) {
    EXPECT_THAT(objection_to_hash(other), HasSubstr("unknown kind")) << other;
  }
}

TEST(PasswordHash, ThatIsDamagedIsNotTaken) {
  const std::string eight_less = kDigest.substr(8);
  for (const std::string& odd : {std::string{"$7"},
                                 std::string{"$7$"},
                                 std::string{"$6$$"},
                                 stretched(""),
                                 stretched("0"),
                                 stretched("0101"),
                                 stretched("-1"),
                                 stretched("+1"),
                                 stretched("1e3"),
                                 stretched("4294967296"),
                                 stretched("101") + "$",
                                 "$7$101$" + kSalt + "$" + eight_less,
                                 "$7$101$" + kSalt + "$" + kDigest + "AAAA",
                                 "$7$101$$" + kDigest,
                                 "$7$101$" + kSalt + " $" + kDigest,
                                 "$7$101$AB==$" + kDigest,
                                 "$7$101$====$" + kDigest,
                                 "$7$101$A===$" + kDigest,
                                 "$7$101$A=AA$" + kDigest,
                                 "$6$" + kDigest,
                                 "$6$101$" + kSalt + "$" + kDigest,
                                 "$7$101$" + std::string(88, 'A') + "$" + kDigest}) {
    EXPECT_THAT(objection_to_hash(odd), HasSubstr("damaged")) << odd;
  }
}

TEST(PasswordHash, IsNeverRepeatedInTheComplaint) {
  for (const char* const secret : {"sesame", "$9$sesame", "$7$101$sesame$sesame"}) {
    EXPECT_THAT(objection_to_hash(secret), testing::Not(HasSubstr("sesame")));
  }
}

}  // namespace
}  // namespace countersign::cli
