#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "store/key_file.hpp"
#include "store/store.hpp"

namespace countersign::store {

/// The registry in an SQLite database: WAL, synchronous=FULL, secrets wrapped.
class SqliteStore final : public Store {
 public:
  /// Makes a database where none is. Refuses to touch an existing file.
  [[nodiscard]] static Outcome<std::unique_ptr<SqliteStore>> create(const std::string& path,
                                                                    WrapKey key,
                                                                    std::string_view server_id);
  /// Opens what `create` made, brought to the present schema if it is older. Refuses a newer
  /// schema, another key file's database, a damaged one.
  [[nodiscard]] static Outcome<std::unique_ptr<SqliteStore>> open(const std::string& path,
                                                                  WrapKey key);
  ~SqliteStore() override;

  [[nodiscard]] Outcome<std::string> server_id() override;
  [[nodiscard]] Outcome<std::uint64_t> run() override;
  [[nodiscard]] Outcome<std::uint64_t> raise_run() override;
  [[nodiscard]] Outcome<std::uint64_t> count() override;
  [[nodiscard]] Status load(const std::function<void(Record&&)>& take) override;
  [[nodiscard]] Status load_learned(const std::function<void(SetLearned&&)>& take) override;
  [[nodiscard]] Status load_tokens(const std::function<void(EnrolmentToken&&)>& take) override;
  [[nodiscard]] Status load_cards(const std::function<void(Card&&)>& take) override;
  [[nodiscard]] Status apply(std::span<const Change> changes) override;

 private:
  class Database;
  explicit SqliteStore(std::unique_ptr<Database> database);

  std::unique_ptr<Database> database_;
};

}  // namespace countersign::store
