#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "store/outcome.hpp"

namespace countersign::store {

/// The broker's user. Only root can give files to somebody else.
class Owner {
 public:
  /// Everybody but root gets itself, whatever `name` says.
  [[nodiscard]] static Outcome<Owner> find(const std::string& name);
  /// Whoever owns `path`.
  [[nodiscard]] static Outcome<Owner> of(const std::string& path);

  /// Gives `path` to the owner, if we are root and it is there.
  [[nodiscard]] Status give(const std::string& path) const;

 private:
  Owner(uid_t user, gid_t group) : user_{user}, group_{group} {}
  uid_t user_;
  gid_t group_;
};

/// Makes `directory` and what is missing above it, mode 0750, and gives what it made to `owner`.
/// Appends what it made to `made`.
[[nodiscard]] Status make_directories(const std::string& directory, const Owner& owner,
                                      std::vector<std::string>& made);

}  // namespace countersign::store
