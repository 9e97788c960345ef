#include "account_sieve.hpp"

#include <set>
#include <utility>

#include "countersign/identity.hpp"
#include "password_hash.hpp"

namespace countersign::cli {

void AccountSieve::take(Account account) {
  std::string objection = is_identity(account.identity)
                              ? objection_to_hash(account.hash)
                              : "its name is no identity: 1 to 64 of A-Z a-z 0-9 . _ -";
  add({std::move(account), std::move(objection)});
}

void AccountSieve::skip(std::string name, std::string why) {
  add({{.identity = std::move(name), .hash = {}, .label = {}}, std::move(why)});
}

void AccountSieve::add(Entry entry) {
  ++seen_[entry.account.identity];
  entries_.push_back(std::move(entry));
}

Accounts AccountSieve::result() const {
  Accounts out;
  std::set<std::string_view> told;
  for (const Entry& entry : entries_) {
    const std::string& name = entry.account.identity;
    const bool repeated = seen_.find(name)->second > 1;
    if (repeated && told.insert(name).second) {
      out.skipped.push_back({name, "stands there more than once"});
    } else if (!repeated && !entry.objection.empty()) {
      out.skipped.push_back({name, entry.objection});
    } else if (!repeated) {
      out.taken.push_back(entry.account);
    }
  }
  return out;
}

}  // namespace countersign::cli
