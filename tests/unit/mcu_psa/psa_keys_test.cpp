#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "openssl/crypto.hpp"
#include "unit/mcu_psa/mortal_flash.hpp"
#include "unit/octets.hpp"
#include "vault/key_store.hpp"

namespace countersign::mcu::test {
namespace {

using host::kTears;
using host::Tear;
using host::TornFlash;

const Key32 kOld{Bytes<32>{std::byte{0x01}, std::byte{0x0D}}};
const Key32 kNew{Bytes<32>{std::byte{0xEE}, std::byte{0x3F}}};
const Key32 kOther{Bytes<32>{std::byte{0x77}}};
const Bytes<kSeedBytes> kSeed{std::byte{0x5E}};
const Bytes<2> kBoard{std::byte{0xB0}, std::byte{0xA4}};
const FirstSecrets kFirst{.key = kOld, .seed = kSeed, .commanders = {}};

/// True if `mac` signs as `key` does.
bool is(const MacKey& mac, const Key32& key) {
  const openssl::OpenSslCrypto crypto;
  const std::array<ByteView, 3> parts{bytes_of("one"), ByteView{}, bytes_of("two")};
  Digest here;
  Digest there;
  return mac.sign(parts, here) && crypto.hmac(key.bytes(), parts, there) && here == there;
}

/// True if the flash still shows `key`.
bool shows(const TornFlash& flash, const Key32& key) {
  const auto words = std::as_bytes(std::span{flash.image().words});
  const auto wanted = key.bytes();
  return std::search(words.begin(), words.end(), wanted.begin(), wanted.end()) != words.end();
}

TEST(PsaDeviceKey, ImportsItsFirstKeyOnceAndFindsItAgain) {
  TornFlash flash{2};
  {
    KeyStore store{flash, 0};
    ASSERT_TRUE(store.open(&kFirst, kBoard));
    EXPECT_TRUE(is(store.device_key().present(), kOld));
    EXPECT_EQ(store.device_key().next(), nullptr);
  }
  const FirstSecrets other{.key = kOther, .seed = kSeed, .commanders = {}};
  for (const FirstSecrets* const first : {static_cast<const FirstSecrets*>(nullptr), &other}) {
    KeyStore store{flash, 0};
    ASSERT_TRUE(store.open(first, kBoard));
    EXPECT_TRUE(is(store.device_key().present(), kOld));
  }
}

TEST(PsaDeviceKey, WithoutAFirstKeyThereIsNone) {
  TornFlash flash{2};
  KeyStore store{flash, 0};
  EXPECT_FALSE(store.open(nullptr, kBoard));
}

TEST(PsaDeviceKey, KeepsTheNextKeyBesideThePresentOne) {
  TornFlash flash{2};
  {
    KeyStore store{flash, 0};
    ASSERT_TRUE(store.open(&kFirst, kBoard));
    EXPECT_FALSE(store.device_key().promote()) << "there is no next key";
    ASSERT_TRUE(store.device_key().store_next(kOther));
    ASSERT_TRUE(store.device_key().store_next(kNew));
  }
  EXPECT_FALSE(shows(flash, kOther));
  {
    KeyStore store{flash, 0};
    ASSERT_TRUE(store.open(nullptr, kBoard));
    EXPECT_TRUE(is(store.device_key().present(), kOld));
    ASSERT_NE(store.device_key().next(), nullptr);
    EXPECT_TRUE(is(*store.device_key().next(), kNew));
    ASSERT_TRUE(store.device_key().promote());
    EXPECT_TRUE(is(store.device_key().present(), kNew));
    EXPECT_EQ(store.device_key().next(), nullptr);
  }
  EXPECT_FALSE(shows(flash, kOld));
  KeyStore store{flash, 0};
  ASSERT_TRUE(store.open(nullptr, kBoard));
  EXPECT_TRUE(is(store.device_key().present(), kNew));
}

TEST(PsaDeviceKey, StoresTheSameNextKeyWithoutAWrite) {
  TornFlash flash{2};
  KeyStore store{flash, 0};
  ASSERT_TRUE(store.open(&kFirst, kBoard));
  ASSERT_TRUE(store.device_key().store_next(kNew));
  flash.fail_at(1);
  EXPECT_TRUE(store.device_key().store_next(kNew));
}

TEST(PsaDeviceKey, DropsTheNextKey) {
  TornFlash flash{2};
  {
    KeyStore store{flash, 0};
    ASSERT_TRUE(store.open(&kFirst, kBoard));
    ASSERT_TRUE(store.device_key().drop_next()) << "none is as good as gone";
    ASSERT_TRUE(store.device_key().store_next(kNew));
    ASSERT_TRUE(store.device_key().drop_next());
    EXPECT_EQ(store.device_key().next(), nullptr);
  }
  EXPECT_FALSE(shows(flash, kNew));
  KeyStore store{flash, 0};
  ASSERT_TRUE(store.open(nullptr, kBoard));
  EXPECT_EQ(store.device_key().next(), nullptr);
}

/// How far a board got, as it itself knows.
struct Progress {
  bool opened = false;
  bool stored = false;
  bool promoted = false;
};

/// Goes on from wherever the change of keys stands.
void change_key(Flash& flash, Progress& progress) {
  KeyStore store{flash, 0};
  if (!store.open(progress.opened ? nullptr : &kFirst, kBoard)) {
    return;
  }
  progress.opened = true;
  if (is(store.device_key().present(), kNew)) {
    progress.promoted = true;
    return;
  }
  progress.stored = store.device_key().store_next(kNew) || progress.stored;
  progress.promoted = store.device_key().promote();
}

/// What is wrong with the keys after a cut, or nothing.
std::string fault_of(TornFlash& flash, const Progress& progress) {
  KeyStore store{flash, 0};
  if (!store.open(progress.opened ? nullptr : &kFirst, kBoard)) {
    return "does not start";
  }
  const bool old_one = is(store.device_key().present(), kOld);
  if (!old_one && !is(store.device_key().present(), kNew)) {
    return "another key";
  }
  if (progress.promoted && old_one) {
    return "went back to the old key";
  }
  if (progress.stored && old_one &&
      (store.device_key().next() == nullptr || !is(*store.device_key().next(), kNew))) {
    return "lost the next key";
  }
  return !old_one && shows(flash, kOld) ? "the old key is still in flash" : "";
}

TEST(PsaDeviceKey, ChangesWhereverThePowerGoesTwice) {
  std::size_t scenarios = 0;
  for (const Tear tear : kTears) {
    bool through = false;
    for (std::uint64_t cut = 1; !through; ++cut) {
      for (std::uint64_t second = 1; second < 200; second += 37) {
        TornFlash flash{2, static_cast<std::uint32_t>(cut * 1000 + second)};
        Progress progress;
        flash.cut_at(cut, tear);
        MortalFlash first{flash};
        change_key(first, progress);
        through = !first.dead();
        flash.cut_at(second, kTears[(cut + second) % kTears.size()]);
        MortalFlash again{flash};
        change_key(again, progress);
        flash.cut_at(0, Tear::nothing);
        ASSERT_EQ(fault_of(flash, progress), "") << cut << ' ' << second;
        change_key(flash, progress);
        ASSERT_TRUE(progress.promoted);
        ASSERT_EQ(fault_of(flash, progress), "") << cut << ' ' << second;
        ++scenarios;
        if (!again.dead()) {
          break;
        }
      }
    }
  }
  RecordProperty("scenarios", static_cast<int>(scenarios));
  EXPECT_GT(scenarios, 500U);
}

TEST(PsaMacKey, FailsOnceForEachWriteThatFails) {
  bool through = false;
  for (std::uint64_t failing = 1; !through; ++failing) {
    TornFlash flash{2};
    KeyStore store{flash, 0};
    ASSERT_TRUE(store.open(&kFirst, kBoard));
    flash.fail_at(failing);
    through = store.device_key().store_next(kNew);
    EXPECT_TRUE(is(store.device_key().present(), kOld));
  }
}

}  // namespace
}  // namespace countersign::mcu::test
