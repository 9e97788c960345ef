#include "engine/password.hpp"

#include <gtest/gtest.h>

#include <string>

#include "openssl/crypto.hpp"

namespace countersign::engine {
namespace {

// made by Python's hashlib: pbkdf2_hmac("sha512", password, salt, 101) and sha512(password + salt)
constexpr std::string_view kPbkdf2 =
    "$7$101$AAECAwQFBgcICQoL$"
    "lp0Cm29zl+CI/RXyXDKvLye7OxM3OuE6RMzgXTX/f3imS/pFh2Ur7yarLDpKRUKpB0tOj6l0UrRv41zqxmD4tg==";
constexpr std::string_view kSha512 =
    "$6$AAECAwQFBgcICQoL$"
    "5W8GCQ9GLgmhmQvoa8jmRaPnsh82mRigdSv6mQsK0sMIII/WznlQb1g+RWddfoAKTMzBJP1deJU+Rp/1QZ0zZg==";

bool is_right(std::string_view hash, std::string_view password) {
  return is_password(hash, bytes_of(password));
}

TEST(Password, ChecksWhatMosquittoWrites) {
  EXPECT_TRUE(is_right(kPbkdf2, "correct horse"));
  EXPECT_TRUE(is_right(kSha512, "correct horse"));
  EXPECT_FALSE(is_right(kPbkdf2, "correct horsf"));
  EXPECT_FALSE(is_right(kSha512, "correct horsf"));
  EXPECT_FALSE(is_right(kPbkdf2, ""));
}

TEST(Password, MakesAFreshHashThatItTakes) {
  openssl::OpenSslRandom random;
  const auto one = hash_password(random, bytes_of("correct horse"), 2);
  const auto other = hash_password(random, bytes_of("correct horse"), 2);
  ASSERT_TRUE(one && other);
  EXPECT_NE(*one, *other);
  EXPECT_TRUE(is_password_hash(*one));
  EXPECT_TRUE(is_right(*one, "correct horse"));
  EXPECT_FALSE(is_right(*one, "correct"));
}

class NoPassword : public testing::TestWithParam<std::string_view> {};

INSTANTIATE_TEST_SUITE_P(
    All, NoPassword,
    testing::Values("", "$", "plain text", "$7$", "$7$101$$", "$8$101$AAEC$AAEC", "$7$0$AAEC$AAEC",
                    "$7$-1$AAEC$AAEC", "$7$100001$AAECAwQFBgcICQoL$AAEC",
                    "$7$ 101$AAECAwQFBgcICQoL$AAEC", "$7$101$AAECAwQFBgcICQoL$AAEC",
                    "$7$101$A*ECAwQFBgcICQoL$AAEC", "$6$AAECAwQFBgcICQoL$AAEC"));

TEST_P(NoPassword, IsNoHashAndNobodysPassword) {
  EXPECT_FALSE(is_password_hash(GetParam()));
  EXPECT_FALSE(is_right(GetParam(), ""));
  EXPECT_FALSE(is_right(GetParam(), GetParam()));
}

TEST(Password, RefusesAHashWithASpareByteOrBit) {
  EXPECT_FALSE(is_password_hash(std::string{kPbkdf2} + "$"));
  EXPECT_FALSE(is_password_hash(std::string{kPbkdf2} + "="));
  std::string other{kPbkdf2};
  other[other.size() - 3] = other[other.size() - 3] == 'B' ? 'C' : 'B';  // unused bits
  EXPECT_FALSE(is_password_hash(other));
}

}  // namespace
}  // namespace countersign::engine
