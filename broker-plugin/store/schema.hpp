#pragma once

#include <string_view>

namespace countersign::store {

/// "CSG1": tells our databases from others'.
inline constexpr const char* kApplicationId = "1129531185";

inline constexpr const char* kMakeSchema = R"(
CREATE TABLE meta(name TEXT PRIMARY KEY NOT NULL, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE identities(
  identity TEXT PRIMARY KEY NOT NULL,
  kind INTEGER NOT NULL,
  k BLOB NOT NULL,
  epoch INTEGER NOT NULL,
  last_first BLOB NOT NULL,
  level INTEGER NOT NULL,
  score INTEGER NOT NULL,
  disabled INTEGER NOT NULL,
  blocked INTEGER NOT NULL,
  cloned INTEGER NOT NULL,
  reason TEXT NOT NULL,
  expelled_until INTEGER NOT NULL,
  strikes INTEGER NOT NULL,
  last_strike INTEGER NOT NULL,
  roles TEXT NOT NULL,
  suites INTEGER NOT NULL,
  kid_ceiling INTEGER NOT NULL,
  card_counter INTEGER NOT NULL,
  card_uid TEXT NOT NULL,
  label TEXT NOT NULL,
  registered_at INTEGER NOT NULL,
  registration BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE tokens(
  hash TEXT PRIMARY KEY NOT NULL,
  expires_at INTEGER NOT NULL,
  roles TEXT NOT NULL,
  label TEXT NOT NULL
) STRICT, WITHOUT ROWID;
)";

/// From schema 1, which knew no passwords and no tokens.
inline constexpr const char* kFromSchema1 = R"(
ALTER TABLE identities ADD COLUMN registration BLOB NOT NULL DEFAULT x'';
CREATE TABLE tokens(
  hash TEXT PRIMARY KEY NOT NULL,
  expires_at INTEGER NOT NULL,
  roles TEXT NOT NULL,
  label TEXT NOT NULL
) STRICT, WITHOUT ROWID;
PRAGMA user_version=2;
)";

// the columns in the order in which records are written and read
inline constexpr const char* kPut = R"(INSERT OR REPLACE INTO identities(
  identity, kind, k, epoch, last_first, level, score, disabled, blocked, cloned, reason,
  expelled_until, strikes, last_strike, roles, suites, kid_ceiling, card_counter, card_uid, label,
  registered_at, registration) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?))";
inline constexpr const char* kLoad = R"(SELECT
  identity, kind, k, epoch, last_first, level, score, disabled, blocked, cloned, reason,
  expelled_until, strikes, last_strike, roles, suites, kid_ceiling, card_counter, card_uid, label,
  registered_at, registration FROM identities)";
/// Names in `meta` of what evaluators learned begin so.
inline constexpr std::string_view kLearned = "learned/";
inline constexpr const char* kLoadLearned =
    "SELECT name, value FROM meta WHERE name >= 'learned/' AND name < 'learned0'";
inline constexpr const char* kSetRegistration =
    "UPDATE identities SET registration=? WHERE identity=?";
inline constexpr const char* kPutToken =
    "INSERT OR REPLACE INTO tokens(hash, expires_at, roles, label) VALUES(?,?,?,?)";
inline constexpr const char* kLoadTokens = "SELECT hash, expires_at, roles, label FROM tokens";
inline constexpr const char* kRemoveToken = "DELETE FROM tokens WHERE hash=?";
inline constexpr const char* kRemove = "DELETE FROM identities WHERE identity=?";
inline constexpr const char* kSetReputation =
    "UPDATE identities SET level=?, score=? WHERE identity=?";
inline constexpr const char* kSetExpulsion =
    "UPDATE identities SET level=?, score=?, expelled_until=?, strikes=?, last_strike=? "
    "WHERE identity=?";
inline constexpr const char* kSetEpoch =
    "UPDATE identities SET epoch=?, last_first=?, level=?, score=? WHERE identity=?";
inline constexpr const char* kSetKidCeiling =
    "UPDATE identities SET kid_ceiling=? WHERE identity=?";
inline constexpr const char* kSetCardCounter =
    "UPDATE identities SET card_counter=? WHERE identity=?";

}  // namespace countersign::store
