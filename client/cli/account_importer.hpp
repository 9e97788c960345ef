#pragma once

#include "accounts/accounts.hpp"
#include "admin.hpp"
#include "progress_line.hpp"

namespace countersign::cli {

/// What became of each account.
struct ImportReport {
  std::vector<std::string> imported;
  std::vector<Skipped> skipped;
  std::vector<Skipped> refused;
};

/// Registers accounts as compatibility devices, many in one request.
class AccountImporter {
 public:
  /// `dry`: only asks whether they are known.
  AccountImporter(Admin& admin, bool dry) : admin_{admin}, dry_{dry} {}

  /// Adds to `report` what is certain, also when the connection ends on the way.
  [[nodiscard]] client::Status run(const std::vector<Account>& accounts, ImportReport& report);

 private:
  [[nodiscard]] client::Status run_batch(std::span<const Account> batch, ImportReport& report);
  [[nodiscard]] Json command_for(const Account& account) const;
  void judge(const Account& account, const client::Outcome<Json>& answer,
             ImportReport& report) const;

  Admin& admin_;
  bool dry_;
  ProgressLine progress_;
};

}  // namespace countersign::cli
