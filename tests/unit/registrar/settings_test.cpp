#include "registrar/settings.hpp"

#include <gmock/gmock.h>

namespace countersign::registrar {
namespace {

using ::testing::HasSubstr;

const std::string kLeast = R"(
certificate = "a.crt"
key = "/etc/a.key"
client_ca = "ca.crt"
[broker]
key_file = "regserv.key"
)";

/// What is said of `kLeast` with `top` before it, and `more` behind it.
client::Error fault_of(const std::string& top, const std::string& more = {}) {
  const auto parsed = parse_settings(top + kLeast + more, "/etc/countersign/r.toml");
  EXPECT_FALSE(parsed);
  return parsed ? client::Error{} : parsed.why();
}

TEST(RegistrarSettings, TakesTheLeastAndFillsInTheRest) {
  const auto parsed = parse_settings(kLeast, "/etc/countersign/r.toml");
  ASSERT_TRUE(parsed) << parsed.why().text;
  EXPECT_EQ(parsed->listen, "127.0.0.1");
  EXPECT_EQ(parsed->port, 8443U);
  EXPECT_EQ(parsed->broker.host, "localhost");
  EXPECT_EQ(parsed->limits.requests_per_second, 10U);
  EXPECT_EQ(parsed->limits.back_off_max, 900'000);
}

TEST(RegistrarSettings, PutsRelativeFilesBesideTheConfiguration) {
  const auto parsed = parse_settings(kLeast, "/etc/countersign/r.toml");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->certificate, "/etc/countersign/a.crt");
  EXPECT_EQ(parsed->key, "/etc/a.key");
  EXPECT_EQ(parsed->broker.key_file, "/etc/countersign/regserv.key");
}

TEST(RegistrarSettings, TakesEveryKey) {
  const std::string hash(64, 'a');
  const auto parsed = parse_settings(
      "listen = \"::\"\nport = 0\nadministrators = [\"CN=a\"]\n"
      "threads = 2\nlog = \"l\"\nadmin_token_hashes = [\"" +
          hash + "\"]\n" + kLeast +
          "host = \"h\"\nport = 8883\ntls = true\ncafile = \"b\"\n"
          "server_id = \"plant\"\n[limits]\nburst = 3\n"
          "requests_per_second = 2\nfailed_logins = 1\n"
          "back_off_max = \"2m\"\nconnections = 7\n"
          "connections_per_address = 6\nrequest_time = \"3s\"\n"
          "addresses = 16\n",
      "/r.toml");
  ASSERT_TRUE(parsed) << parsed.why().text;
  EXPECT_EQ(parsed->admin_token_hashes.at(0)[31], std::byte{0xAA});
  EXPECT_TRUE(parsed->broker.tls);
  EXPECT_EQ(parsed->limits.back_off_max, 120'000);
  EXPECT_EQ(parsed->limits.request_time, 3'000);
  EXPECT_EQ(parsed->log, "/l");
}

TEST(RegistrarSettings, NamesLineAndRemedyOfAnUnknownKey) {
  const auto why = fault_of("certificat = \"x\"\n");
  EXPECT_THAT(why.text, HasSubstr("/etc/countersign/r.toml:1:1: unknown key \"certificat\""));
  EXPECT_EQ(why.hint, "did you mean certificate?");
}

TEST(RegistrarSettings, NamesTheTableOfAnUnknownKey) {
  EXPECT_THAT(fault_of("", "[limits]\nspeed = 3\n").text,
              HasSubstr("unknown key \"speed\" in limits"));
  EXPECT_THAT(fault_of("", "identity = \"x\"\n").text, HasSubstr("in broker"));
}

TEST(RegistrarSettings, RefusesWhatIsMissing) {
  EXPECT_THAT(parse_settings("", "r").why().text, HasSubstr("certificate is missing"));
  const std::string no_key_file = "certificate = \"a\"\nkey = \"b\"\nclient_ca = \"c\"\n";
  EXPECT_THAT(parse_settings(no_key_file, "r").why().text, HasSubstr("needs a key_file"));
  const std::string nobody = "certificate = \"a\"\nkey = \"b\"\n[broker]\nkey_file = \"c\"\n";
  EXPECT_THAT(parse_settings(nobody, "r").why().text, HasSubstr("nobody could administer"));
}

TEST(RegistrarSettings, RefusesSubjectsWithoutAnAuthority) {
  const auto parsed = parse_settings(
      "certificate = \"a\"\nkey = \"b\"\nadministrators = [\"CN=a\"]\n"
      "admin_token_hashes = [\"" +
          std::string(64, '0') + "\"]\n[broker]\nkey_file = \"c\"\n",
      "r");
  ASSERT_FALSE(parsed);
  EXPECT_THAT(parsed.why().text, HasSubstr("needs client_ca"));
}

TEST(RegistrarSettings, RefusesValuesOfTheWrongKind) {
  EXPECT_THAT(fault_of("port = \"8443\"\n").text, HasSubstr("from 0 to 65535"));
  EXPECT_THAT(fault_of("port = 65536\n").text, HasSubstr("from 0 to 65535"));
  EXPECT_THAT(fault_of("port = -1\n").text, HasSubstr("from 0 to 65535"));
  EXPECT_THAT(fault_of("threads = 1\n").text, HasSubstr("from 2 to 256"));
  EXPECT_THAT(fault_of("listen = 3\n").text, HasSubstr("must be a string"));
  EXPECT_THAT(fault_of("listen = \"\"\n").text, HasSubstr("must be a string"));
  EXPECT_THAT(fault_of("administrators = \"CN=a\"\n").text, HasSubstr("an array of strings"));
  EXPECT_THAT(fault_of("limits = 3\n").text, HasSubstr("a table, written [limits]"));
  EXPECT_THAT(fault_of("", "tls = 1\n").text, HasSubstr("true or false"));
  EXPECT_THAT(fault_of("", "server_id = \"a b\"\n").text, HasSubstr("server_id must be"));
  EXPECT_THAT(fault_of("", "[limits]\nrequest_time = \"61s\"\n").text,
              HasSubstr("from \"1s\" to \"1m\""));
  EXPECT_THAT(fault_of("", "[limits]\nrequest_time = 10\n").text, HasSubstr("with its unit"));
  EXPECT_THAT(fault_of("", "[limits]\nrequest_time = \"1 s\"\n").text, HasSubstr("with its unit"));
}

TEST(RegistrarSettings, RefusesHashesThatAreNone) {
  for (const std::string& text :
       {std::string(63, 'a'), std::string(64, 'g'), std::string(64, 'A'), std::string{"csreg_x"}}) {
    EXPECT_THAT(fault_of("admin_token_hashes = [\"" + text + "\"]\n").text,
                HasSubstr("must hold SHA-256 values"));
  }
}

TEST(RegistrarSettings, RefusesWhatIsNoToml) {
  EXPECT_THAT(fault_of("port = = 1\n").text, HasSubstr("r.toml:1:"));
  EXPECT_THAT(fault_of("# caf\xC3\xA9\n").text, HasSubstr("r.toml:1: holds a character"));
  EXPECT_THAT(fault_of("listen = \"a\x01\"\n").text, HasSubstr("holds a character"));
}

TEST(RegistrarSettings, SaysWhatIsWrongWithAFile) {
  EXPECT_THAT(load_settings("/nowhere/r.toml").why().text, HasSubstr("cannot open"));
  EXPECT_THAT(load_settings("/dev/null").why().text, HasSubstr("is no regular file"));
}

}  // namespace
}  // namespace countersign::registrar
