#pragma once

#include <optional>

#include "store/key_file.hpp"
#include "store/record.hpp"
#include "store/sqlite.hpp"

namespace countersign::store {

/// Where in the database keys stand: they are wrapped for this place and no other.
inline constexpr const char* kKeyTable = "identities";

inline constexpr const char* kRegistrationTable = "registrations";

/// Inserts or replaces `record`; its key wrapped. \returns false if the statement failed.
[[nodiscard]] bool write_row(Statement& put, const WrapKey& key, const Record& record);

/// Replaces the key of one identity, wrapped. \returns false if the statement failed.
[[nodiscard]] bool write_key(Statement& set, const WrapKey& key, std::string_view identity,
                             const Key32& k);

/// \returns empty if it cannot be wrapped.
[[nodiscard]] std::vector<std::byte> wrap_registration(const WrapKey& key,
                                                       const std::string& identity,
                                                       const Registration& registration);

/// The record in the current row. \returns nothing for what `write_row` would not have written.
[[nodiscard]] std::optional<Record> read_row(const Statement& row, const WrapKey& key);

[[nodiscard]] bool write_token_row(Statement& put, const EnrolmentToken& token);
[[nodiscard]] std::optional<EnrolmentToken> read_token_row(const Statement& row);

[[nodiscard]] bool write_sighting(Statement& set, std::string_view identity, std::string_view uid,
                                  const Sighting& sighting);
[[nodiscard]] std::optional<Card> read_card_row(const Statement& row);

}  // namespace countersign::store
