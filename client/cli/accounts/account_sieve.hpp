#pragma once

#include <map>

#include "accounts.hpp"

namespace countersign::cli {

/// Parts accounts that can be taken from those that cannot. Who stands in a file more than once is
/// skipped: nobody can tell which password counts.
class AccountSieve {
 public:
  void take(Account account);
  void skip(std::string name, std::string why);

  /// In the order in which they came.
  [[nodiscard]] Accounts result() const;

 private:
  struct Entry {
    Account account;
    std::string objection;  ///< empty: none
  };

  void add(Entry entry);

  std::vector<Entry> entries_;
  std::map<std::string, std::size_t, std::less<>> seen_;
};

}  // namespace countersign::cli
