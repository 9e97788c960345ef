#include "flash/psa_its.hpp"

#include <gtest/gtest.h>

#include <array>

#include "flash/psa/internal_trusted_storage.h"
#include "port/host/torn_flash.hpp"

namespace countersign::mcu::test {
namespace {

class PsaIts : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(store.open());
    bind_its(&store);
  }
  void TearDown() override { bind_its(nullptr); }

  host::TornFlash flash{2};
  RecordStore store{flash, 0};
  std::array<unsigned char, 6> bytes{1, 2, 3, 4, 5, 6};
  std::array<unsigned char, 8> out{};
  std::size_t got = 99;
};

TEST_F(PsaIts, GivesBackWhatWasSet) {
  ASSERT_EQ(psa_its_set(7, 6, bytes.data(), 0), PSA_SUCCESS);
  EXPECT_EQ(psa_its_get(7, 0, 8, out.data(), &got), PSA_SUCCESS);
  EXPECT_EQ(got, 6U);
  EXPECT_EQ(out[5], 6);
  EXPECT_EQ(psa_its_get(7, 4, 1, out.data(), &got), PSA_SUCCESS);
  EXPECT_EQ(got, 1U);
  EXPECT_EQ(out[0], 5);
  EXPECT_EQ(psa_its_get(7, 6, 8, out.data(), &got), PSA_SUCCESS);
  EXPECT_EQ(got, 0U);
  EXPECT_EQ(psa_its_get(7, 7, 1, out.data(), &got), PSA_ERROR_INVALID_ARGUMENT);
}

TEST_F(PsaIts, KeepsAnEntryWithoutBytes) {
  psa_storage_info_t info{9, 9};
  ASSERT_EQ(psa_its_set(7, 0, nullptr, PSA_STORAGE_FLAG_NO_CONFIDENTIALITY), PSA_SUCCESS);
  EXPECT_EQ(psa_its_get_info(7, &info), PSA_SUCCESS);
  EXPECT_EQ(info.size, 0U);
  EXPECT_EQ(info.flags, PSA_STORAGE_FLAG_NO_CONFIDENTIALITY);
}

TEST_F(PsaIts, NeverChangesWhatWasWrittenOnce) {
  ASSERT_EQ(psa_its_set(7, 2, bytes.data(), PSA_STORAGE_FLAG_WRITE_ONCE), PSA_SUCCESS);
  EXPECT_EQ(psa_its_set(7, 3, bytes.data(), 0), PSA_ERROR_NOT_PERMITTED);
  EXPECT_EQ(psa_its_remove(7), PSA_ERROR_NOT_PERMITTED);
  EXPECT_EQ(psa_its_get(7, 0, 8, out.data(), &got), PSA_SUCCESS);
  EXPECT_EQ(got, 2U);
}

TEST_F(PsaIts, KnowsNothingThatWasRemoved) {
  psa_storage_info_t info{};
  ASSERT_EQ(psa_its_set(7, 6, bytes.data(), 0), PSA_SUCCESS);
  EXPECT_EQ(psa_its_remove(7), PSA_SUCCESS);
  EXPECT_EQ(psa_its_remove(7), PSA_ERROR_DOES_NOT_EXIST);
  EXPECT_EQ(psa_its_get(7, 0, 8, out.data(), &got), PSA_ERROR_DOES_NOT_EXIST);
  EXPECT_EQ(psa_its_get_info(7, &info), PSA_ERROR_DOES_NOT_EXIST);
}

TEST_F(PsaIts, RefusesAUidThatHasNoRecordOfItsOwn) {
  for (const psa_storage_uid_t uid :
       {psa_storage_uid_t{kMaxItsUid} + 1, psa_storage_uid_t{0x10007},
        psa_storage_uid_t{0x100000007}, psa_storage_uid_t{0xFFFFFF52}, ~psa_storage_uid_t{0}}) {
    EXPECT_EQ(psa_its_set(uid, 6, bytes.data(), 0), PSA_ERROR_NOT_SUPPORTED) << uid;
    EXPECT_EQ(psa_its_get(uid, 0, 8, out.data(), &got), PSA_ERROR_DOES_NOT_EXIST) << uid;
    EXPECT_EQ(psa_its_remove(uid), PSA_ERROR_DOES_NOT_EXIST) << uid;
  }
  EXPECT_EQ(psa_its_set(kMaxItsUid, 6, bytes.data(), 0), PSA_SUCCESS);
  EXPECT_EQ(psa_its_set(0, 6, bytes.data(), 0), PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(store.records(), 1U);
}

TEST_F(PsaIts, RefusesWhatItCannotKeep) {
  std::array<unsigned char, 201> much{};
  EXPECT_EQ(psa_its_set(7, 201, much.data(), 0), PSA_ERROR_INSUFFICIENT_STORAGE);
  EXPECT_EQ(psa_its_set(7, 6, bytes.data(), 8), PSA_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(psa_its_set(7, 6, nullptr, 0), PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(psa_its_get(7, 0, 8, nullptr, &got), PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(psa_its_get(7, 0, 8, out.data(), nullptr), PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(psa_its_get_info(7, nullptr), PSA_ERROR_INVALID_ARGUMENT);
  psa_storage_uid_t uid = 1;
  while (psa_its_set(uid, 200, much.data(), 0) == PSA_SUCCESS) {
    ++uid;
  }
  EXPECT_EQ(psa_its_set(uid, 200, much.data(), 0), PSA_ERROR_INSUFFICIENT_STORAGE);
  EXPECT_GE(uid, 15U);
}

TEST_F(PsaIts, FailsWithoutAStoreOrWithABrokenOne) {
  flash.fail_at(1);
  EXPECT_EQ(psa_its_set(7, 6, bytes.data(), 0), PSA_ERROR_STORAGE_FAILURE);
  EXPECT_EQ(psa_its_get(7, 0, 8, out.data(), &got), PSA_ERROR_STORAGE_FAILURE);
  bind_its(nullptr);
  psa_storage_info_t info{};
  EXPECT_EQ(psa_its_set(7, 6, bytes.data(), 0), PSA_ERROR_STORAGE_FAILURE);
  EXPECT_EQ(psa_its_get(7, 0, 8, out.data(), &got), PSA_ERROR_STORAGE_FAILURE);
  EXPECT_EQ(psa_its_get_info(7, &info), PSA_ERROR_STORAGE_FAILURE);
  EXPECT_EQ(psa_its_remove(7), PSA_ERROR_STORAGE_FAILURE);
}

}  // namespace
}  // namespace countersign::mcu::test
