#include "countersign/mfar.hpp"

#include <gtest/gtest.h>

#include "openssl/crypto.hpp"
#include "unit/scripted_random.hpp"
#include "unit/vector_file.hpp"

namespace countersign::test {
namespace {

/// What stands in a vector of the family mfar.
struct Registered {
  explicit Registered(const VectorFile& v) : encoded{v.bytes("fields")}, query{v.bytes("query")} {
    Reader in{encoded};
    while (!in.done()) {
      const std::string_view name = text_of(in.s8());
      fields.push_back({name, in.s16()});
      if (!in.ok()) {
        throw std::runtime_error("fields are cut off");
      }
    }
  }

  Octets encoded;
  Octets query;
  std::vector<RegistrationField> fields;
};

class MfarVectors : public testing::Test {
 protected:
  Result<ByteView> ask(const VectorFile& v) {
    const Registered registered{v};
    ScriptedRandom random{v.bytes("n2_secret")};
    server_ = {};
    return server_.ask(crypto_, random, static_cast<Suite>(v.number("suite")),
                       v.array<16>("auth_code"), static_cast<std::uint16_t>(v.number("kid")),
                       text_of(registered.query));
  }

  Result<ByteView> answer(const VectorFile& v, ByteView q) {
    const Registered registered{v};
    ScriptedRandom random{v.bytes("n1_secret")};
    device_ = {};
    return device_.answer(crypto_, random, v.key("k_reg"), registered.fields,
                          static_cast<Suite>(v.number("suite")), q);
  }

  Refusal accept(const VectorFile& v, ByteView a) {
    return server_.accept(crypto_, v.key("k_reg"), Registered{v}.fields, a);
  }

  openssl::OpenSslCrypto crypto_;
  MfarResponder server_;
  MfarInitiator device_;
};

TEST_F(MfarVectors, BothSidesWriteEveryByteOfTheVectors) {
  for (const VectorFile& v : vectors("mfar_accept_")) {
    SCOPED_TRACE(v.name());
    const auto q = ask(v);
    ASSERT_TRUE(q);
    EXPECT_EQ(hex(*q), v.text("q"));
    const auto a = answer(v, *q);
    ASSERT_TRUE(a);
    EXPECT_EQ(hex(*a), v.text("a"));
    ASSERT_EQ(accept(v, *a), Refusal::none);
    EXPECT_EQ(hex(server_.agreement().sk.bytes()), v.text("sk"));

    const auto bitmap = v.bytes("receipt_bitmap");
    const Receipt receipt{.kid = static_cast<std::uint16_t>(v.number("receipt_kid")),
                          .accepted = {.edge = v.number("receipt_edge"),
                                       .bitmap = Reader{bitmap}.be<std::uint64_t>()}};
    const auto finished = server_.finish(crypto_, receipt);
    ASSERT_TRUE(finished);
    EXPECT_EQ(hex(*finished), v.text("finished"));
    ASSERT_TRUE(device_.finish(crypto_, *finished));
    EXPECT_EQ(hex(device_.agreement().sk.bytes()), v.text("sk"));
    EXPECT_EQ(device_.agreement().kid, v.number("kid"));
    EXPECT_EQ(device_.agreement().auth_code, v.array<16>("auth_code"));
  }
}

TEST_F(MfarVectors, QuestionsAreRefusedAsTheySay) {
  for (const VectorFile& v : vectors("mfar_refuse_q_")) {
    SCOPED_TRACE(v.name());
    EXPECT_EQ(answer(v, v.body()).why(), v.expected());
    EXPECT_FALSE(device_.answered());
  }
}

TEST_F(MfarVectors, AnswersAreRefusedAsTheySay) {
  for (const VectorFile& v : vectors("mfar_refuse_a_")) {
    SCOPED_TRACE(v.name());
    ASSERT_EQ(hex(*ask(v)), v.text("q"));
    EXPECT_EQ(accept(v, v.body()), v.expected());
    EXPECT_EQ(server_.spent(), v.expected() == Refusal::bad_handshake);
    EXPECT_FALSE(server_.accepted());
  }
}

TEST_F(MfarVectors, FinishedIsRefusedAsTheySay) {
  for (const VectorFile& v : vectors("mfar_refuse_finished_")) {
    SCOPED_TRACE(v.name());
    ASSERT_TRUE(answer(v, v.bytes("q")));
    EXPECT_EQ(device_.finish(crypto_, v.body()).why(), v.expected());
  }
}

TEST(MfarStep1, IsReadAndWrittenAsTheVectorsSay) {
  for (const VectorFile& v : vectors("mfar_step1_")) {
    SCOPED_TRACE(v.name());
    const auto claim = parse_password_claim(v.body());
    ASSERT_EQ(claim.why(), v.expected());
    if (!claim) {
      continue;
    }
    EXPECT_EQ(claim->user, v.text("user"));
    EXPECT_EQ(hex(claim->password), v.text("secret"));
    Octets room(v.body().size());
    Writer out{room};
    EXPECT_TRUE(write_password_claim(*claim, out));
    EXPECT_EQ(hex(out.written()), hex(v.body()));
  }
}

TEST(MfarStep1, WritesNothingThatNoServerTakes) {
  Octets room(200);
  const auto writes = [&room](std::string_view user, std::string_view password) {
    Writer out{room};
    return write_password_claim({.user = user, .password = bytes_of(password)}, out);
  };
  EXPECT_TRUE(writes("anna", "secret"));
  EXPECT_FALSE(writes("", "secret"));
  EXPECT_FALSE(writes("an na", "secret"));
  EXPECT_FALSE(writes("anna", ""));
  EXPECT_FALSE(writes("anna", std::string(200, 'x')));
}

}  // namespace
}  // namespace countersign::test
