#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "countersign/client/key_file.hpp"
#include "countersign/client/key_text.hpp"
#include "countersign/client/software_key.hpp"
#include "unit/client/workbench.hpp"

namespace countersign::client {
namespace {

using test::Workbench;
using testing::HasSubstr;

constexpr std::string_view kText =
    "version = 1\n"
    "identity = d-abc\n"
    "kind = device\n"
    "method = mfar\n"
    "key = 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
    "password = p4ss%20word\n"
    "data.uuid = 5e0c1f9a-77\n"
    "data.site = Halle 7 = Süd %23%25   # a comment\n"
    "suite = 2\n";

std::string with(std::string_view from, std::string_view to) {
  std::string text{kText};
  return text.replace(text.find(from), from.size(), to);
}

KeyFile registered(std::string_view value) {
  KeyFile file;
  file.identity = Identity{"d-abc"};
  file.method = Method::mfar;
  Key32 k_reg;
  k_reg.fill()[5] = std::byte{7};
  file.registration.set_k_reg(LockedKey{k_reg.bytes()});
  static_cast<void>(file.registration.set_password(bytes_of("secret")));
  static_cast<void>(file.registration.add_field("serial", bytes_of(value)));
  return file;
}

TEST(MfarKeyFile, ReadsWhatTheDocumentSays) {
  const auto file = parse_key_file(kText);
  ASSERT_TRUE(file) << file.why().text;
  EXPECT_EQ(file->method, Method::mfar);
  EXPECT_EQ(file->identity.text(), "d-abc");
  EXPECT_EQ(file->suite, Suite::symmetric);
  EXPECT_TRUE(file->key.empty()) << "K_reg is no k";
  EXPECT_EQ(file->registration.k_reg().bytes()[31], std::byte{0x1F});
  EXPECT_EQ(text_of(file->registration.password()), "p4ss word");
  const RegistrationFields fields = file->registration.fields();
  ASSERT_EQ(fields.size(), 2U);
  EXPECT_EQ(fields[0].name, "uuid");
  EXPECT_EQ(text_of(fields[0].value), "5e0c1f9a-77");
  EXPECT_EQ(text_of(fields[1].value), "Halle 7 = Süd #%");
}

TEST(MfarKeyFile, GivesEveryValueBackAsItWas) {
  std::string every;
  for (int value = 0; value < 255; ++value) {
    every += static_cast<char>(value);
  }
  const std::string newline = "two\nlines";
  for (const std::string& value :
       {std::string{"plain"}, std::string{" "}, std::string{"  both ends "}, std::string{"#"},
        std::string{"a # b"}, std::string{"%41"}, std::string{"= = ="}, newline, std::string{"\r"},
        std::string{"\t"}, std::string{"\0x", 2}, std::string{"Süd 🔑"}, std::string(255, '%'),
        std::string(255, '\xFF'), every}) {
    const LockedBuffer text = format_key_file(registered(value));
    const auto back = parse_key_file(text_of(text.bytes()));
    ASSERT_TRUE(back) << back.why().text;
    EXPECT_EQ(text_of(back->registration.fields()[0].value), value);
    EXPECT_EQ(text_of(back->registration.password()), "secret");
  }
}

TEST(MfarKeyFile, HoldsTheLargestRegistration) {
  KeyFile file = registered("x");
  for (std::size_t i = 1; i < kMaxRegistrationFields; ++i) {
    const std::string name = std::string(30, 'n') + std::to_string(10 + i);
    ASSERT_TRUE(file.registration.add_field(name, bytes_of(std::string(255, '#'))));
  }
  EXPECT_FALSE(file.registration.add_field("more", bytes_of("x")));
  const LockedBuffer text = format_key_file(file);
  const auto back = parse_key_file(text_of(text.bytes()));
  ASSERT_TRUE(back) << back.why().text;
  EXPECT_EQ(back->registration.fields().size(), kMaxRegistrationFields);
}

TEST(MfarKeyFile, KeepsOrdinaryWordsReadable) {
  const LockedBuffer text = format_key_file(registered("Halle 7 = Süd"));
  EXPECT_THAT(std::string{text_of(text.bytes())}, HasSubstr("\ndata.serial = Halle 7 = Süd\n"));
}

TEST(MfarKeyFile, RefusesWhatItWouldNotHaveWritten) {
  std::string seventeen{kText};
  for (int i = 0; i < 15; ++i) {
    seventeen += "data.n" + std::to_string(i) + " = x\n";
  }
  for (const std::string& text :
       {with("method = mfar", "method = psk"), with("method = mfar\n", ""),
        with("method = mfar", "method = a+"), with("password = p4ss%20word\n", ""),
        with("p4ss%20word", ""), with("p4ss%20word", "a%2"), with("p4ss%20word", "a%zz"),
        with("p4ss%20word", std::string(256, 'p')), with("suite = 2", "epoch = 0"),
        with("suite = 2", "password = twice"), with("data.uuid = 5e0c1f9a-77", "data.uuid ="),
        with("data.uuid", "data."), with("data.uuid", "data.site"), with("data.uuid", "data.u u"),
        with("data.uuid", "data." + std::string(33, 'n')),
        with("5e0c1f9a-77", std::string(256, 'v')), seventeen}) {
    const auto file = parse_key_file(text);
    ASSERT_FALSE(file) << text;
    EXPECT_EQ(file.why().fault, Fault::file);
  }
  std::string none = with("data.uuid = 5e0c1f9a-77\n", "");
  none.erase(none.find("data.site"), none.find("suite") - none.find("data.site"));
  EXPECT_FALSE(parse_key_file(none));
}

TEST(MfarKeyFile, NeverQuotesASecretInAComplaint) {
  for (const std::string& text :
       {with("p4ss%20word", "hunter2%"), with("password", "hunter2"),
        with("data.uuid = 5e", "data.hunter2 "), with("data.uuid", "data.u u hunter2")}) {
    const auto file = parse_key_file(text);
    ASSERT_FALSE(file) << text;
    EXPECT_EQ(file.why().text.find("hunter2"), std::string::npos);
  }
}

TEST(MfarKeyFile, IsNotWrittenIfItIsNotWhole) {
  const Workbench bench;
  KeyFile file;
  file.identity = Identity{"d-abc"};
  file.method = Method::mfar;
  EXPECT_FALSE(create_key_file(bench.path("k"), file));
  ASSERT_TRUE(create_key_file(bench.path("k"), registered("x")));
  EXPECT_TRUE(read_key_file(bench.path("k")));
}

TEST(MfarKeyFile, HasNoEpochToRaise) {
  const Workbench bench;
  bench.write("k", std::string{kText});
  EXPECT_FALSE(raise_epoch(bench.path("k")));
  EXPECT_EQ(bench.read("k"), kText);
}

TEST(SoftwareKey, GivesARegistrationAsItStandsInTheFileNow) {
  const Workbench bench;
  bench.write("k", std::string{kText});
  auto source = SoftwareKey::open(bench.path("k"));
  ASSERT_TRUE(source) << source.why().text;
  EXPECT_EQ((*source)->method(), Method::mfar);
  EXPECT_EQ(text_of((*source)->registration()->password()), "p4ss word");
  bench.write("k", with("p4ss%20word", "another"));
  EXPECT_EQ(text_of((*source)->registration()->password()), "another");
  EXPECT_FALSE((*source)->next_handshake_key("plant-a"));
  bench.write("k", with("d-abc", "d-xyz"));
  EXPECT_FALSE((*source)->registration());
}

TEST(SoftwareKey, OfAplusHasNoRegistration) {
  const Workbench bench;
  ASSERT_TRUE(create_key_file(bench.path("k"), *make_key("mote-3", Kind::device)));
  auto source = SoftwareKey::open(bench.path("k"));
  ASSERT_TRUE(source);
  EXPECT_EQ((*source)->method(), Method::aplus);
  EXPECT_FALSE((*source)->registration());
}

}  // namespace
}  // namespace countersign::client
