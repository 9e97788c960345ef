#include "store/sqlite_store.hpp"

#include <unistd.h>

#include <array>
#include <utility>
#include <vector>

#include "store/file.hpp"
#include "store/layout.hpp"
#include "store/row.hpp"
#include "store/schema.hpp"
#include "store/sqlite.hpp"

namespace countersign::store {

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

  Status load_cards(const std::function<void(Card&&)>& take) {
    auto rows = connection_.prepare(kLoadCards);
    if (!rows) {
      return rows.why();
    }
    while (rows->step()) {
      auto card = read_card_row(*rows);
      if (!card) {
        return Failure{path_ + ": the card of " + printable(rows->text(0)) + " is damaged",
                       "restore the database from your backup"};
      }
      take(std::move(*card));
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
    remove_token,
    remove_card,
    change_card,
    sighting,
    put_order,
    order,
    changed_key
  };

  static std::string printable(std::string_view identity) {
    return is_identity(identity) ? std::string{identity} : "somebody";
  }

  Statement& of(Which which) { return *statements_[which].statement; }

  bool write(const PutRecord& change) {
    const std::string_view identity = change.record.identity;
    const std::string_view card = change.record.card_uid;
    return (change.spent_token.empty() || write(RemoveToken{change.spent_token})) &&
           write_row(of(put), key_, change.record) &&
           of(change_card).add(identity).add(card).run() &&
           (!change.order || write_order(identity, *change.order));
  }
  bool write(const SetSighting& change) {
    return write_sighting(of(sighting), change.identity, change.uid, change.sighting);
  }
  bool write(const SetOrder& change) {
    return of(order)
        .add(static_cast<std::int64_t>(change.order.state))
        .add(std::int64_t{change.order.status})
        .add(std::string_view{change.identity})
        .add(std::string_view{change.uid})
        .add(static_cast<std::int64_t>(change.order.instruction))
        .add(std::int64_t{change.order.proof.n})
        .run();
  }
  bool write_order(std::string_view identity, const Order& given) {
    return of(put_order)
        .add(identity)
        .add(static_cast<std::int64_t>(given.instruction))
        .add(std::int64_t{given.proof.n})
        .add(ByteView{given.proof.tag})
        .add(static_cast<std::int64_t>(given.state))
        .add(std::int64_t{given.status})
        .run();
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
    return of(remove).add(std::string_view{change.identity}).run() &&
           of(remove_card).add(std::string_view{change.identity}).run();
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
  bool write(const SetKey& change) {
    return write_key(of(changed_key), key_, change.identity, change.k);
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
  std::array<Prepared, 16> statements_{{{kPut, {}},
                                        {kRemove, {}},
                                        {kSetReputation, {}},
                                        {kSetExpulsion, {}},
                                        {kSetEpoch, {}},
                                        {kSetKidCeiling, {}},
                                        {kSetCardCounter, {}},
                                        {kSetRegistration, {}},
                                        {kPutToken, {}},
                                        {kRemoveToken, {}},
                                        {kRemoveCard, {}},
                                        {kChangeCard, {}},
                                        {kSetSighting, {}},
                                        {kPutOrder, {}},
                                        {kSetOrder, {}},
                                        {kSetKey, {}}}};
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

Outcome<std::unique_ptr<SqliteStore>> SqliteStore::create(const std::string& path, WrapKey key,
                                                          std::string_view server_id) {
  if (exists(path)) {
    return Failure{path + " is there already", "it is not overwritten: move it away first"};
  }
  if (const Status made = write_private_file(path, {}); !made) {
    return made.why();
  }
  {
    auto connection = Connection::open(path);
    const Status filled = connection ? lay_out(*connection, key, server_id) : connection.why();
    if (!filled) {
      ::unlink(path.c_str());
      return filled.why();
    }
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

Status SqliteStore::load_cards(const std::function<void(Card&&)>& take) {
  return database_->load_cards(take);
}

Status SqliteStore::apply(std::span<const Change> changes) { return database_->apply(changes); }

}  // namespace countersign::store
