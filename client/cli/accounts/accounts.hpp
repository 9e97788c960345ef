#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "countersign/client/outcome.hpp"

namespace countersign::cli {

/// Somebody who logs in with a password, as the broker's own files know them.
struct Account {
  std::string identity;
  std::string hash;   ///< `$7$…` or `$6$…`, as it stood there
  std::string label;  ///< may be empty
  std::vector<std::string> roles = {};
};

/// Somebody who cannot become a compatibility device. The name is foreign text.
struct Skipped {
  std::string name;
  std::string why;
};

struct Accounts {
  std::vector<Account> taken;
  std::vector<Skipped> skipped;
};

/// A Mosquitto password_file: lines of `user:$7$…` or `user:$6$…`.
[[nodiscard]] Accounts read_password_file(std::string_view text);

/// What the dynamic security plugin writes: JSON with `clients`. The names of roles, a client's own
/// and its groups', go with it, but for those that mean something else here: admin, registrar.
[[nodiscard]] client::Outcome<Accounts> read_dynamic_security(std::string_view text);

}  // namespace countersign::cli
