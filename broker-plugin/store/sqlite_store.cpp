#include "store/sqlite_store.hpp"

#include <unistd.h>

#include <array>
#include <charconv>
#include <utility>
#include <vector>

#include "store/file.hpp"
#include "store/row.hpp"
#include "store/schema.hpp"
#include "store/sqlite.hpp"

namespace countersign::store {
namespace {

constexpr const char* kMetaTable = "meta";
constexpr const char* kKeyCheck = "key_check";
constexpr std::array<std::byte, 16> kKnownPlain{};

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, number);
  return fault == std::errc{} && stop == end ? std::optional{number} : std::nullopt;
}

Status set_meta(Connection& connection, std::string_view name, ByteView value) {
  auto put = connection.prepare("INSERT OR REPLACE INTO meta(name, value) VALUES(?, ?)");
  if (!put) {
    return put.why();
  }
  if (!put->add(name).add(value).run()) {
    return connection.failure();
  }
  return Done{};
}

/// WAL, and every commit on the disk before it is reported.
Status configure(Connection& connection) {
  const auto mode = connection.value("PRAGMA journal_mode=WAL");
  if (!mode) {
    return mode.why();
  }
  if (*mode != "wal") {
    return Failure{"the database takes no write-ahead log",
                   "its directory must be writable and on a local disk"};
  }
  return connection.run("PRAGMA synchronous=FULL; PRAGMA cell_size_check=ON;");
}

Status check_schema(Connection& connection, const std::string& path) {
  const auto application = connection.value("PRAGMA application_id");
  const auto version = connection.value("PRAGMA user_version");
  if (!application || !version) {
    return application ? version.why() : application.why();
  }
  if (*application != kApplicationId) {
    return Failure{path + " is no database of Countersign", {}};
  }
  const auto number = number_in(version->value_or(""));
  if (!number || *number > kSchemaVersion) {
    return Failure{path + " was written by a newer Countersign (schema " + version->value_or("?") +
                       ", this one knows " + std::to_string(kSchemaVersion) + ")",
                   "install that version again, or restore a backup of this one's"};
  }
  return Done{};
}

/// Brings an older database to the present schema, or leaves it as it was.
Status migrate(Connection& connection) {
  const auto version = connection.value("PRAGMA user_version");
  if (!version) {
    return version.why();
  }
  if (number_in(version->value_or("")) != 1U) {
    return Done{};
  }
  const std::string steps = std::string{"BEGIN IMMEDIATE;"} + kFromSchema1 + "COMMIT;";
  Status done = connection.run(steps.c_str());
  if (!done) {
    static_cast<void>(connection.run("ROLLBACK"));
  }
  return done;
}

Status check_key(Connection& connection, const WrapKey& key, const std::string& path) {
  const auto wrapped = connection.value("SELECT value FROM meta WHERE name='key_check'");
  if (!wrapped) {
    return wrapped.why();
  }
  std::array<std::byte, kKnownPlain.size()> plain{};
  if (!*wrapped || !key.unwrap(kMetaTable, kKeyCheck, bytes_of(**wrapped), plain)) {
    return Failure{"the key file does not fit " + path,
                   "restore the key file that was made with this database"};
  }
  return Done{};
}

}  // namespace

class SqliteStore::Database {
 public:
  Database(Connection connection, WrapKey key, std::string path)
      : connection_{std::move(connection)}, key_{std::move(key)}, path_{std::move(path)} {}

  /// Prepares what is needed again and again.
  Status prepare() {
    for (auto& [sql, statement] : statements_) {
      auto prepared = connection_.prepare(sql);
      if (!prepared) {
        return prepared.why();
      }
      statement.emplace(std::move(*prepared));
    }
    return Done{};
  }

  Connection& connection() { return connection_; }

  Status load(const std::function<void(Record&&)>& take) {
    auto rows = connection_.prepare(kLoad);
    if (!rows) {
      return rows.why();
    }
    while (rows->step()) {
      auto record = read_row(*rows, key_);
      if (!record) {
        return Failure{path_ + ": the entry of " + printable(rows->text(0)) + " is damaged",
                       "restore the database from your backup"};
      }
      take(std::move(*record));
    }
    return rows->ok() ? Status{Done{}} : connection_.failure();
  }

  Status load_learned(const std::function<void(SetLearned&&)>& take) {
    auto rows = connection_.prepare(kLoadLearned);
    if (!rows) {
      return rows.why();
    }
    while (rows->step()) {
      const std::string_view name = rows->text(0);
      const ByteView image = rows->bytes(1);
      take({std::string{name.substr(kLearned.size())}, {image.begin(), image.end()}});
    }
    return rows->ok() ? Status{Done{}} : connection_.failure();
  }

  Status load_tokens(const std::function<void(EnrolmentToken&&)>& take) {
    auto rows = connection_.prepare(kLoadTokens);
    if (!rows) {
      return rows.why();
    }
    while (rows->step()) {
      auto token = read_token_row(*rows);
      if (!token) {
        return Failure{path_ + ": an enrolment token is damaged",
                       "restore the database from your backup"};
      }
      take(std::move(*token));
    }
    return rows->ok() ? Status{Done{}} : connection_.failure();
  }

  Status apply(std::span<const Change> changes) {
    if (Status begun = connection_.run("BEGIN IMMEDIATE"); !begun) {
      return begun;
    }
    Status status = Done{};
    for (const Change& change : changes) {
      if (!std::visit([this](const auto& one) { return write(one); }, change)) {
        status = connection_.failed() ? connection_.failure()
                                      : Failure{"a change is none that the database takes", {}};
        break;
      }
    }
    if (status) {
      status = connection_.run("COMMIT");
    }
    if (!status) {
      // SQLite may have rolled back by itself: then this says so, and that is all right
      static_cast<void>(connection_.run("ROLLBACK"));
    }
    return status;
  }

 private:
  enum Which : std::size_t {
    put,
    remove,
    reputation,
    expulsion,
    epoch,
    kid_ceiling,
    card_counter,
    registration,
    put_token,
    remove_token
  };

  static std::string printable(std::string_view identity) {
    return is_identity(identity) ? std::string{identity} : "somebody";
  }

  Statement& of(Which which) { return *statements_[which].statement; }

  bool write(const PutRecord& change) {
    return (change.spent_token.empty() || write(RemoveToken{change.spent_token})) &&
           write_row(of(put), key_, change.record);
  }
  bool write(const SetRegistration& change) {
    const auto wrapped = wrap_registration(key_, change.identity, change.registration);
    return !wrapped.empty() &&
           of(registration).add(ByteView{wrapped}).add(std::string_view{change.identity}).run();
  }
  bool write(const PutToken& change) { return write_token_row(of(put_token), change.token); }
  bool write(const RemoveToken& change) {
    return of(remove_token).add(std::string_view{change.hash}).run();
  }
  bool write(const RemoveRecord& change) {
    return of(remove).add(std::string_view{change.identity}).run();
  }
  bool write(const SetReputation& change) {
    return add(of(reputation), change.reputation).add(std::string_view{change.identity}).run();
  }
  bool write(const SetExpulsion& change) {
    return add(of(expulsion), change.reputation)
        .add(change.expulsion.until)
        .add(std::int64_t{change.expulsion.strikes})
        .add(change.expulsion.last_strike)
        .add(std::string_view{change.identity})
        .run();
  }
  bool write(const SetEpoch& change) {
    Statement& statement = of(epoch);
    statement.add(std::int64_t{change.epoch}).add(ByteView{change.last_first});
    return add(statement, change.reputation).add(std::string_view{change.identity}).run();
  }
  bool write(const SetKidCeiling& change) {
    return of(kid_ceiling)
        .add(std::int64_t{change.kid_ceiling})
        .add(std::string_view{change.identity})
        .run();
  }
  bool write(const SetCardCounter& change) {
    return of(card_counter)
        .add(std::int64_t{change.card_counter})
        .add(std::string_view{change.identity})
        .run();
  }

  bool write(const SetLearned& change) {
    return set_meta(connection_, std::string{kLearned} + change.name, change.image).operator bool();
  }

  static Statement& add(Statement& statement, const Reputation& reputation) {
    return statement.add(static_cast<std::int64_t>(reputation.level))
        .add(std::int64_t{reputation.score});
  }

  Connection connection_;
  WrapKey key_;
  std::string path_;
  struct Prepared {
    const char* sql;
    std::optional<Statement> statement;
  };
  std::array<Prepared, 10> statements_{{{kPut, {}},
                                        {kRemove, {}},
                                        {kSetReputation, {}},
                                        {kSetExpulsion, {}},
                                        {kSetEpoch, {}},
                                        {kSetKidCeiling, {}},
                                        {kSetCardCounter, {}},
                                        {kSetRegistration, {}},
                                        {kPutToken, {}},
                                        {kRemoveToken, {}}}};
};

SqliteStore::SqliteStore(std::unique_ptr<Database> database) : database_{std::move(database)} {}
SqliteStore::~SqliteStore() = default;

Outcome<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::string& path, WrapKey key) {
  if (!exists(path)) {
    return Failure{path + " is not there", "countersign setup makes it"};
  }
  auto connection = Connection::open(path);
  if (!connection) {
    return connection.why();
  }
  Status fit = check_schema(*connection, path);
  fit = fit ? configure(*connection) : fit;
  fit = fit ? check_key(*connection, key, path) : fit;
  fit = fit ? migrate(*connection) : fit;
  if (!fit) {
    return fit.why();
  }
  auto database = std::make_unique<Database>(std::move(*connection), std::move(key), path);
  if (const Status prepared = database->prepare(); !prepared) {
    return prepared.why();
  }
  return std::unique_ptr<SqliteStore>{new SqliteStore{std::move(database)}};
}

namespace {

Status fill_new(const std::string& path, const WrapKey& key, std::string_view server_id) {
  auto connection = Connection::open(path);
  if (!connection) {
    return connection.why();
  }
  std::array<std::byte, kKnownPlain.size() + kWrapOverheadBytes> check{};
  if (!key.wrap(kMetaTable, kKeyCheck, kKnownPlain, check)) {
    return Failure{"cannot wrap with the key file's key", {}};
  }
  const std::string head = std::string{"BEGIN; PRAGMA application_id="} + kApplicationId +
                           "; PRAGMA user_version=" + std::to_string(kSchemaVersion) + ";" +
                           kMakeSchema;
  Status status = connection->run(head.c_str());
  status = status ? set_meta(*connection, "server_id", bytes_of(server_id)) : status;
  status = status ? set_meta(*connection, "run", bytes_of("0")) : status;
  status = status ? set_meta(*connection, kKeyCheck, check) : status;
  return status ? connection->run("COMMIT") : status;
}

}  // namespace

Outcome<std::unique_ptr<SqliteStore>> SqliteStore::create(const std::string& path, WrapKey key,
                                                          std::string_view server_id) {
  if (exists(path)) {
    return Failure{path + " is there already", "it is not overwritten: move it away first"};
  }
  if (const Status made = write_private_file(path, {}); !made) {
    return made.why();
  }
  if (const Status filled = fill_new(path, key, server_id); !filled) {
    ::unlink(path.c_str());
    return filled.why();
  }
  return open(path, std::move(key));
}

Outcome<std::string> SqliteStore::server_id() {
  auto value = database_->connection().value("SELECT value FROM meta WHERE name='server_id'");
  if (!value) {
    return value.why();
  }
  if (!*value || !is_identity(**value)) {
    return Failure{"the database names no server", "restore it from your backup"};
  }
  return **value;
}

Outcome<std::uint64_t> SqliteStore::run() {
  auto value = database_->connection().value("SELECT value FROM meta WHERE name='run'");
  if (!value) {
    return value.why();
  }
  const auto number = number_in(value->value_or(""));
  if (!number) {
    return Failure{"the database holds no run number", "restore it from your backup"};
  }
  return *number;
}

Outcome<std::uint64_t> SqliteStore::raise_run() {
  const auto last = run();
  if (!last) {
    return last.why();
  }
  const std::string next = std::to_string(*last + 1);
  if (const Status raised = set_meta(database_->connection(), "run", bytes_of(next)); !raised) {
    return raised.why();
  }
  return *last + 1;
}

Outcome<std::uint64_t> SqliteStore::count() {
  auto value = database_->connection().value("SELECT count(*) FROM identities");
  if (!value) {
    return value.why();
  }
  return number_in(value->value_or("")).value_or(0);
}

Status SqliteStore::load(const std::function<void(Record&&)>& take) {
  return database_->load(take);
}

Status SqliteStore::load_learned(const std::function<void(SetLearned&&)>& take) {
  return database_->load_learned(take);
}

Status SqliteStore::load_tokens(const std::function<void(EnrolmentToken&&)>& take) {
  return database_->load_tokens(take);
}

Status SqliteStore::apply(std::span<const Change> changes) { return database_->apply(changes); }

}  // namespace countersign::store
