#include "account_importer.hpp"

#include <algorithm>
#include <iterator>

#include "particulars.hpp"

namespace countersign::cli {
namespace {

constexpr const char* kKnown = "is registered already";

}  // namespace

client::Status AccountImporter::run(const std::vector<Account>& accounts, ImportReport& report) {
  client::Status status = client::Done{};
  for (std::size_t done = 0; done < accounts.size() && status;) {
    progress_.show(std::to_string(done) + " of " + std::to_string(accounts.size()));
    const std::size_t count = std::min(Admin::kMaxCommands, accounts.size() - done);
    status = run_batch(std::span{accounts}.subspan(done, count), report);
    done += count;
  }
  progress_.clear();
  return status;
}

client::Status AccountImporter::run_batch(std::span<const Account> batch, ImportReport& report) {
  std::vector<Json> commands;
  std::transform(batch.begin(), batch.end(), std::back_inserter(commands),
                 [this](const Account& account) { return command_for(account); });
  const auto answers = admin_.run_all(commands);
  if (!answers) {
    return answers.why();
  }
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const client::Outcome<Json>& answer = (*answers)[i];
    if (!answer && answer.why().fault != client::Fault::refused) {
      return answer.why();
    }
    judge(batch[i], answer, report);
  }
  return client::Done{};
}

Json AccountImporter::command_for(const Account& account) const {
  if (dry_) {
    return {{"command", "getDevice"}, {"identity", account.identity}};
  }
  Json command{{"command", "registerDevice"},
               {"identity", account.identity},
               {"kind", "legacy"},
               {"passwordHash", account.hash}};
  Particulars{account.roles, account.label}.add_to(command);
  return command;
}

void AccountImporter::judge(const Account& account, const client::Outcome<Json>& answer,
                            ImportReport& report) const {
  const std::string why = answer ? std::string{} : answer.why().text;
  const bool known = dry_ ? why.empty() : why == "Device already exists";
  const bool done = dry_ ? why == "Device not found" : why.empty();
  if (known) {
    report.skipped.push_back({account.identity, kKnown});
  } else if (done) {
    report.imported.push_back(account.identity);
  } else {
    report.refused.push_back({account.identity, why});
  }
}

}  // namespace countersign::cli
