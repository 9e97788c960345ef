#include "flash/psa_its.hpp"

#include "flash/psa/internal_trusted_storage.h"

namespace {

using countersign::ByteView;
using countersign::MutableBytes;
using countersign::mcu::kFirstItsRecord;
using countersign::mcu::kMaxItsUid;
using countersign::mcu::kOwnerFlags;
using countersign::mcu::kSecretRecord;
using countersign::mcu::RecordInfo;
using countersign::mcu::RecordStore;
using countersign::mcu::Stored;

constexpr psa_storage_create_flags_t kKnownFlags = PSA_STORAGE_FLAG_WRITE_ONCE |
                                                   PSA_STORAGE_FLAG_NO_CONFIDENTIALITY |
                                                   PSA_STORAGE_FLAG_NO_REPLAY_PROTECTION;
constexpr unsigned kOwnerShift = 2;
static_assert(kKnownFlags << kOwnerShift == kOwnerFlags);

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): see bind_its
RecordStore* bound = nullptr;

/// 0, which no record has, if `uid` has no record of its own.
std::uint16_t record_of(psa_storage_uid_t uid) {
  const bool known = uid != 0 && uid <= kMaxItsUid;
  return known ? static_cast<std::uint16_t>(kFirstItsRecord + uid) : std::uint16_t{0};
}

psa_status_t status_of(Stored stored) {
  switch (stored) {
    case Stored::done:
      return PSA_SUCCESS;
    case Stored::absent:
      return PSA_ERROR_DOES_NOT_EXIST;
    case Stored::refused:
      return PSA_ERROR_INVALID_ARGUMENT;
    case Stored::full:
      return PSA_ERROR_INSUFFICIENT_STORAGE;
    case Stored::failed:
      break;
  }
  return PSA_ERROR_STORAGE_FAILURE;
}

psa_status_t look(psa_storage_uid_t uid, RecordInfo& info) {
  return bound == nullptr ? PSA_ERROR_STORAGE_FAILURE
                          : status_of(bound->look(record_of(uid), info));
}

psa_storage_create_flags_t flags_of(const RecordInfo& info) {
  return static_cast<psa_storage_create_flags_t>(info.flags & kOwnerFlags) >> kOwnerShift;
}

/// What stands in the way of a change: PSA_SUCCESS if there is such an entry that may be changed.
psa_status_t may_change(psa_storage_uid_t uid) {
  RecordInfo info;
  const psa_status_t found = look(uid, info);
  const bool fixed = found == PSA_SUCCESS && (flags_of(info) & PSA_STORAGE_FLAG_WRITE_ONCE) != 0;
  return fixed ? PSA_ERROR_NOT_PERMITTED : found;
}

}  // namespace

namespace countersign::mcu {

void bind_its(RecordStore* store) { bound = store; }

}  // namespace countersign::mcu

extern "C" psa_status_t psa_its_set(psa_storage_uid_t uid, std::uint32_t data_length,
                                    const void* p_data, psa_storage_create_flags_t create_flags) {
  if (uid == 0 || (p_data == nullptr && data_length != 0)) {
    return PSA_ERROR_INVALID_ARGUMENT;
  }
  if ((create_flags & ~kKnownFlags) != 0 || record_of(uid) == 0) {
    return PSA_ERROR_NOT_SUPPORTED;
  }
  if (const psa_status_t may = may_change(uid);
      may != PSA_SUCCESS && may != PSA_ERROR_DOES_NOT_EXIST) {
    return may;
  }
  if (data_length > countersign::mcu::kMaxRecordBytes) {
    return PSA_ERROR_INSUFFICIENT_STORAGE;
  }
  const auto flags = static_cast<std::uint8_t>(kSecretRecord | create_flags << kOwnerShift);
  const ByteView data{static_cast<const std::byte*>(p_data), data_length};
  return status_of(bound->put(record_of(uid), data, flags));
}

extern "C" psa_status_t psa_its_get(psa_storage_uid_t uid, std::uint32_t data_offset,
                                    std::uint32_t data_length, void* p_data,
                                    std::size_t* p_data_length) {
  if (p_data_length == nullptr || (p_data == nullptr && data_length != 0)) {
    return PSA_ERROR_INVALID_ARGUMENT;
  }
  if (bound == nullptr) {
    return PSA_ERROR_STORAGE_FAILURE;
  }
  const MutableBytes out{static_cast<std::byte*>(p_data), data_length};
  return status_of(bound->get(record_of(uid), data_offset, out, *p_data_length));
}

extern "C" psa_status_t psa_its_get_info(psa_storage_uid_t uid, psa_storage_info_t* p_info) {
  if (p_info == nullptr) {
    return PSA_ERROR_INVALID_ARGUMENT;
  }
  RecordInfo info;
  const psa_status_t found = look(uid, info);
  if (found == PSA_SUCCESS) {
    *p_info = {info.size, flags_of(info)};
  }
  return found;
}

extern "C" psa_status_t psa_its_remove(psa_storage_uid_t uid) {
  if (uid == 0) {
    return PSA_ERROR_INVALID_ARGUMENT;
  }
  const psa_status_t may = may_change(uid);
  return may == PSA_SUCCESS ? status_of(bound->remove(record_of(uid))) : may;
}
