#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>

#include "unit/mcu_psa/mortal_flash.hpp"
#include "unit/octets.hpp"
#include "vault/seed_record.hpp"
#include "vault/vault_records.hpp"

extern "C" {
#include <psa/crypto.h>
}

namespace countersign::mcu::test {
namespace {

using countersign::test::hex;
using host::kTears;
using host::Tear;
using host::TornFlash;

const Bytes<kSeedBytes> kFirstSeed{std::byte{0x5E}, std::byte{0xED}};

/// One life of a board: starts, and draws if it may. \returns what it drew, or nothing.
std::optional<std::string> live(TornFlash& flash, ByteView first, ByteView board = {}) {
  MortalFlash mortal{flash};
  RecordStore records{mortal, 0};
  SeedRecord seed{records};
  Drbg drbg;
  Bytes<16> drawn{};
  if (!records.open() || !seed.start(drbg, first, board) || !drbg.fill(drawn)) {
    return std::nullopt;
  }
  return hex(drawn);
}

TEST(PsaDrbg, GivesTwoStartsDifferentBytes) {
  TornFlash flash{2};
  std::set<std::string> drawn;
  for (int start = 0; start < 200; ++start) {
    const auto bytes = live(flash, start == 0 ? ByteView{kFirstSeed} : ByteView{});
    ASSERT_TRUE(bytes) << start;
    EXPECT_TRUE(drawn.insert(*bytes).second) << start;
  }
}

TEST(PsaDrbg, ACopyOfTheFlashOnAnotherBoardGivesOtherBytes) {
  TornFlash original{2};
  TornFlash copied{2};
  const Bytes<2> board{std::byte{1}, std::byte{2}};
  const Bytes<2> other{std::byte{1}, std::byte{3}};
  const auto first = live(original, kFirstSeed, board);
  const auto second = live(copied, kFirstSeed, other);
  ASSERT_TRUE(first && second);
  EXPECT_NE(*first, *second);
}

TEST(PsaDrbg, DoesNotGoBackToTheSeedOfItsProvisioning) {
  TornFlash flash{2};
  const auto once = live(flash, kFirstSeed);
  const auto again = live(flash, kFirstSeed);
  ASSERT_TRUE(once && again);
  EXPECT_NE(*once, *again);
}

TEST(PsaDrbg, NeverGivesTheSameTwiceWhereverThePowerGoes) {
  std::size_t lives = 0;
  for (const std::size_t before : {0U, 3U}) {  // starts that went well
    for (const Tear tear : kTears) {
      for (std::uint64_t cut = 1; cut < 40; ++cut) {
        TornFlash flash{2, static_cast<std::uint32_t>(cut)};
        std::set<std::string> drawn;
        for (std::size_t start = 0; start < before + 4; ++start) {
          flash.cut_at(start == before || start == before + 1 ? cut : 0, tear);
          if (const auto bytes = live(flash, kFirstSeed)) {
            EXPECT_TRUE(drawn.insert(*bytes).second) << before << ' ' << cut;
          }
          ++lives;
        }
        EXPECT_GE(drawn.size(), before + 2) << "undisturbed starts give something";
      }
    }
  }
  RecordProperty("lives", static_cast<int>(lives));
}

TEST(PsaDrbg, GivesNothingIfItsNextSeedCannotBeKept) {
  TornFlash flash{2};
  ASSERT_TRUE(live(flash, kFirstSeed));
  MortalFlash mortal{flash};
  RecordStore records{mortal, 0};
  ASSERT_TRUE(records.open());
  flash.fail_at(1);
  Drbg drbg;
  Bytes<16> out{};
  EXPECT_FALSE(SeedRecord{records}.start(drbg, {}, {}));
  EXPECT_FALSE(drbg.fill(out));
  EXPECT_EQ(psa_generate_random(reinterpret_cast<std::uint8_t*>(out.data()), out.size()),
            PSA_ERROR_BAD_STATE);
  EXPECT_EQ(out, Bytes<16>{});
}

TEST(PsaDrbg, GivesNothingWithoutASeed) {
  TornFlash flash{2};
  EXPECT_FALSE(live(flash, {}));
  EXPECT_FALSE(live(flash, ByteView{kFirstSeed}.first(kSeedBytes - 1)));
}

TEST(PsaDrbg, ServesPsa) {
  TornFlash flash{2};
  RecordStore records{flash, 0};
  Drbg drbg;
  Bytes<16> out{};
  ASSERT_TRUE(records.open() && SeedRecord{records}.start(drbg, kFirstSeed, {}));
  ASSERT_EQ(psa_crypto_init(), PSA_SUCCESS);
  EXPECT_EQ(psa_generate_random(reinterpret_cast<std::uint8_t*>(out.data()), out.size()),
            PSA_SUCCESS);
  EXPECT_NE(out, Bytes<16>{});
  mbedtls_psa_crypto_free();
}

TEST(PsaDrbg, FillsMoreThanOneRequestHolds) {
  TornFlash flash{2};
  RecordStore records{flash, 0};
  Drbg drbg;
  countersign::test::Octets out(5000);
  ASSERT_TRUE(records.open() && SeedRecord{records}.start(drbg, kFirstSeed, {}));
  ASSERT_TRUE(drbg.fill(out));
  EXPECT_NE(hex(ByteView{out}.first(64)), hex(ByteView{out}.last(64)));
  EXPECT_NE(hex(ByteView{out}.last(16)), hex(Bytes<16>{}));
}

}  // namespace
}  // namespace countersign::mcu::test
