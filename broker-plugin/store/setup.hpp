#pragma once

#include <string>
#include <vector>

#include "countersign/crypto.hpp"
#include "store/outcome.hpp"

namespace countersign::store {

/// What `countersign setup` is told.
struct SetupOptions {
  std::string config;           ///< countersign.toml; a starter is written if there is none
  std::string state_directory;  ///< for the starter; empty: /var/lib/countersign
  std::string server_id;        ///< for the starter; an existing file must say the same, or empty
  std::string admin = "admin";  ///< the first administrator's identity
  std::string owner = "mosquitto";  ///< the broker's user; only root can give files away
  Millis now = 0;
};

/// What was made. The caller writes the administrator's client key file from it.
struct SetupResult {
  std::string server_id;
  std::string admin;
  Key32 k;
  std::vector<std::string> made;  ///< files and directories, for the operator
};

/// Makes directories, key file and database with the first administrator (role and kind admin).
/// Refuses to overwrite a key file or a database.
[[nodiscard]] Outcome<SetupResult> setup(const SetupOptions& options);

/// Adds an administrator, or gives one back with a new k and epoch 0, whatever locked it. Refuses
/// while a broker holds the database. Audited.
[[nodiscard]] Outcome<SetupResult> recover(const SetupOptions& options);

}  // namespace countersign::store
