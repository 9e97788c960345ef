#pragma once

#include <memory>
#include <string_view>
#include <vector>

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
  /// One command with a secret in `field`, `text` being what JSON holds between the quotes.
  [[nodiscard]] client::Outcome<Json> run(const Json& command, std::string_view field,
                                          const client::LockedBuffer& text);
  /// Up to `kMaxCommands` in one request; their data, in order. Fails as a whole only if the broker
  /// cannot be asked.
  [[nodiscard]] client::Outcome<std::vector<client::Outcome<Json>>> run_all(
      const std::vector<Json>& commands);

  static constexpr std::size_t kMaxCommands = 256;

 private:
  explicit Admin(std::unique_ptr<client::Client> client) : client_{std::move(client)} {}

  std::unique_ptr<client::Client> client_;
};

}  // namespace countersign::cli
