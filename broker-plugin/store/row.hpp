#pragma once

#include <optional>

#include "store/key_file.hpp"
#include "store/record.hpp"
#include "store/sqlite.hpp"

namespace countersign::store {

/// Where in the database keys stand: they are wrapped for this place and no other.
inline constexpr const char* kKeyTable = "identities";

/// Inserts or replaces `record`; its key wrapped. \returns false if the statement failed.
[[nodiscard]] bool write_row(Statement& put, const WrapKey& key, const Record& record);

/// The record in the current row. \returns nothing for what `write_row` would not have written.
[[nodiscard]] std::optional<Record> read_row(const Statement& row, const WrapKey& key);

}  // namespace countersign::store
