#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "countersign/bytes.hpp"
#include "store/outcome.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace countersign::store {

/// One prepared statement. The first fault of binding or stepping sticks until `reset`.
class Statement {
 public:
  explicit Statement(sqlite3_stmt* statement) : statement_{statement} {}

  /// Binds the next parameter. Text and bytes must live until the statement has run.
  Statement& add(std::int64_t number);
  Statement& add(std::string_view text);
  Statement& add(ByteView bytes);
  /// True if there is a (next) row.
  [[nodiscard]] bool step();
  /// Runs a statement that gives no row, and resets it. \returns false if it failed.
  [[nodiscard]] bool run();
  void reset();
  [[nodiscard]] bool ok() const { return ok_; }

  /// Columns of the current row. Borrow until the next step.
  [[nodiscard]] std::int64_t number(int column) const;
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] ByteView bytes(int column) const;

 private:
  struct Finalise {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalise> statement_;
  int next_ = 0;
  bool ok_ = true;
};

/// An SQLite connection.
class Connection {
 public:
  /// Opens an existing file for reading and writing.
  [[nodiscard]] static Outcome<Connection> open(const std::string& path);

  [[nodiscard]] Status run(const char* sql);
  [[nodiscard]] Outcome<Statement> prepare(const char* sql);
  /// The first column of the first row; nothing without a row.
  [[nodiscard]] Outcome<std::optional<std::string>> value(const char* sql);
  /// True if the last call failed.
  [[nodiscard]] bool failed() const;
  /// What went wrong last.
  [[nodiscard]] Failure failure() const;

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  Connection(sqlite3* handle, std::string path) : handle_{handle}, path_{std::move(path)} {}

  std::unique_ptr<sqlite3, Close> handle_;
  std::string path_;
};

}  // namespace countersign::store
