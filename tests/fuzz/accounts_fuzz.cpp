/// A password_file and the JSON of dynamic security, as `device import` reads them: what it takes
/// is what the broker takes.

#include <set>

#include "client/cli/accounts/accounts.hpp"
#include "client/cli/accounts/password_hash.hpp"
#include "countersign/identity.hpp"
#include "fuzz/input.hpp"

namespace countersign::fuzz {
namespace {

void check(const cli::Accounts& accounts) {
  std::set<std::string> names;
  for (const cli::Account& account : accounts.taken) {
    require(is_identity(account.identity));
    require(names.insert(account.identity).second);
    require(cli::objection_to_hash(account.hash).empty());
    require(account.label.size() <= 256);
    require(account.roles.size() <= 64);
    for (const std::string& role : account.roles) {
      require(is_identity(role) && role != "admin" && role != "registrar");
    }
  }
  for (const cli::Skipped& skipped : accounts.skipped) {
    require(!skipped.name.empty() && !skipped.why.empty());
    require(names.count(skipped.name) == 0);
  }
}

}  // namespace

void run(ByteView content) {
  check(cli::read_password_file(text_of(content)));
  if (const auto accounts = cli::read_dynamic_security(text_of(content))) {
    check(*accounts);
  }
}

}  // namespace countersign::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  countersign::fuzz::run(std::as_bytes(std::span{data, size}));
  return 0;
}
