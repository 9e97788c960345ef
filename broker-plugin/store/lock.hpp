#pragma once

#include <string>

#include "store/outcome.hpp"

namespace countersign::store {

/// Held on `<database>.lock` by the running plugin, so that nobody works on the database offline
/// meanwhile, and no two brokers share one. The kernel drops it when the process ends.
class Lock {
 public:
  /// Fails at once if somebody else holds it.
  [[nodiscard]] static Outcome<Lock> take(const std::string& database);
  Lock(Lock&& other) noexcept;
  Lock& operator=(Lock&& other) noexcept;
  ~Lock();

 private:
  explicit Lock(int file) : file_{file} {}
  int file_ = -1;
};

}  // namespace countersign::store
