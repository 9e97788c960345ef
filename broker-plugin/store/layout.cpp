#include "store/layout.hpp"

#include <array>
#include <charconv>

#include "store/schema.hpp"

namespace countersign::store {
namespace {

constexpr const char* kMetaTable = "meta";
constexpr const char* kKeyCheck = "key_check";
constexpr std::array<std::byte, 16> kKnownPlain{};

/// The steps from each older schema to the next, the first one's first.
constexpr std::array kSteps{kFromSchema1, kFromSchema2};
static_assert(kSteps.size() + 1 == kSchemaVersion);

Outcome<std::uint64_t> version_of(Connection& connection) {
  const auto version = connection.value("PRAGMA user_version");
  if (!version) {
    return version.why();
  }
  return number_in(version->value_or("")).value_or(0);
}

}  // namespace

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

Status migrate(Connection& connection) {
  const auto version = version_of(connection);
  if (!version) {
    return version.why();
  }
  std::string steps;
  for (std::size_t i = *version == 0 ? kSteps.size() : *version - 1; i < kSteps.size(); ++i) {
    steps += kSteps[i];
  }
  if (steps.empty()) {
    return Done{};
  }
  steps = "BEGIN IMMEDIATE;" + steps + "PRAGMA user_version=" + std::to_string(kSchemaVersion) +
          ";COMMIT;";
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

Status lay_out(Connection& connection, const WrapKey& key, std::string_view server_id) {
  std::array<std::byte, kKnownPlain.size() + kWrapOverheadBytes> check{};
  if (!key.wrap(kMetaTable, kKeyCheck, kKnownPlain, check)) {
    return Failure{"cannot wrap with the key file's key", {}};
  }
  const std::string head = std::string{"BEGIN; PRAGMA application_id="} + kApplicationId +
                           "; PRAGMA user_version=" + std::to_string(kSchemaVersion) + ";" +
                           kMakeSchema + kMakeCards;
  Status status = connection.run(head.c_str());
  status = status ? set_meta(connection, "server_id", bytes_of(server_id)) : status;
  status = status ? set_meta(connection, "run", bytes_of("0")) : status;
  status = status ? set_meta(connection, kKeyCheck, check) : status;
  return status ? connection.run("COMMIT") : status;
}

}  // namespace countersign::store
