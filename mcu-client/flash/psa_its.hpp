#pragma once

#include <cstdint>

#include "flash/record_store.hpp"

namespace countersign::mcu {

/// The records of PSA have these ids: the uid is added to the first. A uid that has none is
/// refused, so that no two uids ever meet.
inline constexpr std::uint16_t kFirstItsRecord = 0x8000;
inline constexpr std::uint32_t kMaxItsUid = kMaxRecordId - kFirstItsRecord;

/// Lets psa_its_* keep what they are given in `store`, which outlives them. Before it every one of
/// them fails. The only global of ours: a function of PSA's has nowhere to take a store from.
void bind_its(RecordStore* store);

}  // namespace countersign::mcu
