#include "store/sqlite.hpp"

#include <sqlite3.h>

#include <utility>

namespace countersign::store {
namespace {

constexpr int kBusyMs = 2000;

/// What to do about it.
std::string hint_for(int code) {
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return "the disk is full: make room";
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return "the broker's user must be able to write the database and its directory";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "the database is damaged: restore it from your backup";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another program holds the database";
    default:
      return {};
  }
}

}  // namespace

void Statement::Finalise::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Statement& Statement::add(std::int64_t number) {
  ok_ = ok_ && sqlite3_bind_int64(statement_.get(), ++next_, number) == SQLITE_OK;
  return *this;
}

Statement& Statement::add(std::string_view text) {
  // a null pointer would bind NULL
  const char* const data = text.data() == nullptr ? "" : text.data();
  ok_ = ok_ && sqlite3_bind_text64(statement_.get(), ++next_, data, text.size(), SQLITE_STATIC,
                                   SQLITE_UTF8) == SQLITE_OK;
  return *this;
}

Statement& Statement::add(ByteView bytes) {
  const void* const data = bytes.data() == nullptr ? static_cast<const void*>("") : bytes.data();
  ok_ = ok_ && sqlite3_bind_blob64(statement_.get(), ++next_, data, bytes.size(), SQLITE_STATIC) ==
                   SQLITE_OK;
  return *this;
}

bool Statement::step() {
  if (!ok_) {
    return false;
  }
  const int code = sqlite3_step(statement_.get());
  ok_ = code == SQLITE_ROW || code == SQLITE_DONE;
  return code == SQLITE_ROW;
}

bool Statement::run() {
  const bool row = step();
  const bool done = ok_ && !row;
  reset();
  return done;
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
  next_ = 0;
  ok_ = true;
}

std::int64_t Statement::number(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::text(int column) const { return text_of(bytes(column)); }

ByteView Statement::bytes(int column) const {
  const void* const data = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return {static_cast<const std::byte*>(data),
          static_cast<std::size_t>(data == nullptr ? 0 : size)};
}

void Connection::Close::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }

Outcome<Connection> Connection::open(const std::string& path) {
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, nullptr);
  Connection connection{handle, path};
  if (code != SQLITE_OK) {
    return connection.failure();
  }
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, kBusyMs);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  return connection;
}

Status Connection::run(const char* sql) {
  if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    return failure();
  }
  return Done{};
}

Outcome<Statement> Connection::prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(handle_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) !=
      SQLITE_OK) {
    return failure();
  }
  return Statement{statement};
}

Outcome<std::optional<std::string>> Connection::value(const char* sql) {
  auto statement = prepare(sql);
  if (!statement) {
    return statement.why();
  }
  const bool row = statement->step();
  if (!statement->ok()) {
    return failure();
  }
  return row ? std::optional{std::string{statement->text(0)}} : std::nullopt;
}

bool Connection::failed() const {
  const int code = handle_ ? sqlite3_errcode(handle_.get()) : SQLITE_NOMEM;
  return code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE;
}

Failure Connection::failure() const {
  if (!handle_) {
    return {path_ + ": out of memory", {}};
  }
  return {path_ + ": " + sqlite3_errmsg(handle_.get()),
          hint_for(sqlite3_extended_errcode(handle_.get()))};
}

}  // namespace countersign::store
