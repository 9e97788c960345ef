#include "countersign/rekey.hpp"

#include <gtest/gtest.h>

#include "countersign/keys.hpp"
#include "openssl/crypto.hpp"
#include "unit/octets.hpp"
#include "unit/vector_file.hpp"

namespace countersign::test {
namespace {

const openssl::OpenSslCrypto kCrypto;

std::uint8_t mark_of(const VectorFile& v) {
  return v.text("message") == "request" ? kRekeyMark : kRekeyedMark;
}

TEST(Rekey, BothSidesMakeTheKeyAndTheMessagesOfTheOtherImplementation) {
  for (const VectorFile& v : vectors("rekey_accept_")) {
    SCOPED_TRACE(v.name());
    const Key32 k = v.key("k");
    Key32 next;
    ASSERT_TRUE(next_key(kCrypto, HeldKey{kCrypto, k}, v.key("sk"), next));
    EXPECT_EQ(hex(next.bytes()), hex(v.bytes("next")));
    const HeldKey held{kCrypto, next};
    Bytes<kRekeyBytes> message{};
    ASSERT_TRUE(write_rekey(held, mark_of(v), message));
    EXPECT_EQ(hex(message), hex(v.body()));
    EXPECT_EQ(check_rekey(held, mark_of(v), v.body()), Refusal::none);
  }
}

TEST(Rekey, NothingElseIsTaken) {
  for (const VectorFile& v : vectors("rekey_refuse_")) {
    SCOPED_TRACE(v.name());
    const Key32 next = v.key("next");
    EXPECT_EQ(check_rekey(HeldKey{kCrypto, next}, kRekeyMark, v.body()), v.expected());
  }
}

TEST(Rekey, EveryBitOfTheProofCounts) {
  const Key32 next;
  const HeldKey held{kCrypto, next};
  Bytes<kRekeyBytes> message{};
  ASSERT_TRUE(write_rekey(held, kRekeyedMark, message));
  for (std::size_t bit = 0; bit < 8 * message.size(); ++bit) {
    EXPECT_NE(check_rekey(held, kRekeyedMark, flipped(message, bit)), Refusal::none) << bit;
  }
}

}  // namespace
}  // namespace countersign::test
