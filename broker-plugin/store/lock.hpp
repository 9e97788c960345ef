#pragma once

#include <string>
#include <utility>

#include "store/file.hpp"
#include "store/outcome.hpp"

namespace countersign::store {

/// Held on `<database>.lock` by the running plugin, so that nobody works on the database offline
/// meanwhile, and no two brokers share one. The kernel drops it when the process ends.
class Lock {
 public:
  /// Fails at once if somebody else holds it.
  [[nodiscard]] static Outcome<Lock> take(const std::string& database);

 private:
  explicit Lock(File file) : file_{std::move(file)} {}
  File file_;
};

}  // namespace countersign::store
