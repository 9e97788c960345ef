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

inline constexpr const char* kMakeCards = R"(
CREATE TABLE cards(
  identity TEXT PRIMARY KEY NOT NULL,
  uid TEXT NOT NULL,
  agent TEXT NOT NULL DEFAULT '',
  host TEXT NOT NULL DEFAULT '',
  reader TEXT NOT NULL DEFAULT '',
  seen_at INTEGER NOT NULL DEFAULT 0,
  life_cycle INTEGER NOT NULL DEFAULT 0,
  admin_counter INTEGER NOT NULL DEFAULT 0,
  instruction INTEGER NOT NULL DEFAULT 0,
  n INTEGER NOT NULL DEFAULT 0,
  tag BLOB NOT NULL DEFAULT x'00000000000000000000000000000000',
  state INTEGER NOT NULL DEFAULT 0,
  status INTEGER NOT NULL DEFAULT 0
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
)";
/// From schema 2, which knew nothing of where cards are.
inline constexpr const char* kFromSchema2 = kMakeCards;

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
inline constexpr const char* kLoadCards = R"(SELECT
  identity, uid, agent, host, reader, seen_at, life_cycle, admin_counter,
  instruction, n, tag, state, status FROM cards)";
inline constexpr const char* kRemoveCard = "DELETE FROM cards WHERE identity=?";
/// Of a record that names another card now, or none.
inline constexpr const char* kChangeCard = "DELETE FROM cards WHERE identity=? AND uid<>lower(?)";
inline constexpr const char* kSetSighting = R"(INSERT INTO cards(
  identity, uid, agent, host, reader, seen_at, life_cycle, admin_counter)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM identities WHERE identity=?1 AND lower(card_uid)=?2
  ON CONFLICT(identity) DO UPDATE SET agent=excluded.agent, host=excluded.host,
    reader=excluded.reader, seen_at=excluded.seen_at, life_cycle=excluded.life_cycle,
    admin_counter=excluded.admin_counter)";
inline constexpr const char* kPutOrder = R"(INSERT INTO cards(
  identity, uid, instruction, n, tag, state, status)
  SELECT ?1, lower(card_uid), ?2, ?3, ?4, ?5, ?6 FROM identities WHERE identity=?1
  ON CONFLICT(identity) DO UPDATE SET instruction=excluded.instruction, n=excluded.n,
    tag=excluded.tag, state=excluded.state, status=excluded.status)";
inline constexpr const char* kSetOrder =
    "UPDATE cards SET state=?, status=? WHERE identity=? AND uid=? AND instruction=? AND n=?";
inline constexpr const char* kRemove = "DELETE FROM identities WHERE identity=?";
inline constexpr const char* kSetReputation =
    "UPDATE identities SET level=?, score=? WHERE identity=?";
inline constexpr const char* kSetExpulsion =
    "UPDATE identities SET level=?, score=?, expelled_until=?, strikes=?, last_strike=? "
    "WHERE identity=?";
inline constexpr const char* kSetEpoch =
    "UPDATE identities SET epoch=?, last_first=?, level=?, score=? WHERE identity=?";
inline constexpr const char* kSetKey = "UPDATE identities SET k=? WHERE identity=?";
inline constexpr const char* kSetKidCeiling =
    "UPDATE identities SET kid_ceiling=? WHERE identity=?";
inline constexpr const char* kSetCardCounter =
    "UPDATE identities SET card_counter=? WHERE identity=?";

}  // namespace countersign::store
