#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/key_file.hpp"
#include "store/sqlite.hpp"

/// What a database is laid out as, and how an older one is brought there.
namespace countersign::store {

inline constexpr int kSchemaVersion = 3;

/// WAL, and every commit on the disk before it is reported.
[[nodiscard]] Status configure(Connection& connection);

/// Refuses what is no database of ours, or one of a newer version; changes nothing.
[[nodiscard]] Status check_schema(Connection& connection, const std::string& path);

/// Refuses a database whose secrets are wrapped under another key.
[[nodiscard]] Status check_key(Connection& connection, const WrapKey& key, const std::string& path);

/// Brings an older database to the present schema, or leaves it as it was.
[[nodiscard]] Status migrate(Connection& connection);

/// Lays out an empty database.
[[nodiscard]] Status lay_out(Connection& connection, const WrapKey& key,
                             std::string_view server_id);

[[nodiscard]] Status set_meta(Connection& connection, std::string_view name, ByteView value);

/// The decimal number that `text` is, and nothing else.
[[nodiscard]] std::optional<std::uint64_t> number_in(std::string_view text);

}  // namespace countersign::store
