#pragma once

#include <memory>

#include "connection.hpp"
#include "console.hpp"
#include "countersign/client/locked.hpp"

namespace countersign::cli {

/// An administrator who is logged in.
class Admin {
 public:
  [[nodiscard]] static client::Outcome<Admin> login(const Connection& connection);

  /// One command, `{"command":"getDevice","identity":"mote-3"}`; `key`, if given, goes with it as
  /// hex and is copied nowhere else. \returns its data, null if it has none.
  [[nodiscard]] client::Outcome<Json> run(const Json& command,
                                          const client::LockedKey* key = nullptr);

 private:
  explicit Admin(std::unique_ptr<client::Client> client) : client_{std::move(client)} {}

  std::unique_ptr<client::Client> client_;
};

/// Milliseconds since 1970 as `2026-03-01T12:00:00Z`.
[[nodiscard]] std::string time_text(std::int64_t millis);

/// A JSON value for people: text as it is, lists with commas.
[[nodiscard]] std::string plain_text(const Json& value);

}  // namespace countersign::cli
