#include "store/setup.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "config/settings.hpp"
#include "countersign/audit.hpp"
#include "openssl/crypto.hpp"
#include "store/file.hpp"
#include "store/key_file.hpp"
#include "store/lock.hpp"
#include "store/ownership.hpp"
#include "store/sqlite_store.hpp"
#include "store/starter.hpp"

namespace countersign::store {
namespace {

constexpr const char* kAdminRole = "admin";

/// Deletes the files that were made, unless all went well.
class Undo {
 public:
  void add(std::string path) { paths_.push_back(std::move(path)); }
  void keep() { paths_.clear(); }
  ~Undo() {
    for (const std::string& path : paths_) {
      ::unlink(path.c_str());
    }
  }

 private:
  std::vector<std::string> paths_;
};

Status check_names(const SetupOptions& options) {
  constexpr const char* kRule = "1 to 64 of A-Z a-z 0-9 . _ -";
  if (!is_identity(options.admin)) {
    return Failure{"the administrator's name must be " + std::string{kRule}, {}};
  }
  if (!options.server_id.empty() && !is_identity(options.server_id)) {
    return Failure{"the server's name must be " + std::string{kRule}, {}};
  }
  return Done{};
}

Status write_starter(const SetupOptions& options, Undo& undo, SetupResult& out) {
  if (options.server_id.empty()) {
    return Failure{"a new server needs a name", "--server-id, e.g. plant-broker"};
  }
  const std::string text = starter_toml(options.server_id, options.state_directory);
  if (Status written = write_private_file(options.config, bytes_of(text)); !written) {
    return written;
  }
  undo.add(options.config);
  out.made.push_back(options.config);
  // it holds no secret, and the broker's user need not be able to change it
  if (::chmod(options.config.c_str(), 0644) != 0) {
    return system_failure("cannot open up", options.config, errno);
  }
  return Done{};
}

Outcome<config::Settings> settings_for(const SetupOptions& options) {
  auto settings = config::load_settings(options.config);
  if (!settings) {
    return Failure{settings.why().text(), {}};
  }
  if (!options.server_id.empty() && settings->server_id != options.server_id) {
    return Failure{
        options.config + " calls the server " + settings->server_id + ", not " + options.server_id,
        "leave --server-id out, or change the file"};
  }
  return std::move(*settings);
}

Status append_audit(const std::string& path, std::string_view event, const std::string& admin,
                    Millis now) {
  AuditLine line;
  line.at = now;
  line.event = event;
  line.identity = admin;
  std::array<char, kMaxAuditBytes> room{};
  const ByteView text = bytes_of(write_audit_line(line, room));
  const File file{
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640)};
  if (!file.open() ||
      ::write(file.descriptor(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      ::fsync(file.descriptor()) != 0) {
    return system_failure("cannot write", path, errno);
  }
  return Done{};
}

/// A record of an administrator with a fresh k, whatever `before` said of its standing.
Outcome<Record> fresh_admin(const SetupOptions& options, std::optional<Record> before) {
  openssl::OpenSslRandom random;
  Record record;
  if (before) {
    record.kid_ceiling = before->kid_ceiling;
    record.label = before->label;
    record.roles = before->roles;
    record.registered_at = before->registered_at;
  } else {
    record.registered_at = options.now;
  }
  std::erase(record.roles, kAdminRole);
  record.roles.insert(record.roles.begin(), kAdminRole);
  record.identity = options.admin;
  record.kind = Kind::admin;
  if (!random.fill(record.k.fill())) {
    return Failure{"no random numbers from the system", {}};
  }
  return record;
}

Status put(Store& store, const Record& record) {
  const std::array<Change, 1> changes{PutRecord{record}};
  return store.apply(changes);
}

/// All that belongs to the broker's user, also what only SQLite made.
Status give_all(const Owner& owner, const config::Files& files) {
  for (const std::string& path : {files.key, files.database, files.database + "-wal",
                                  files.database + "-shm", files.database + ".lock", files.audit}) {
    if (Status given = owner.give(path); !given) {
      return given;
    }
  }
  return Done{};
}

Status make_places(const config::Files& files, const Owner& owner, SetupResult& out) {
  Status made = Done{};
  for (const std::string& directory : {directory_of(files.key), directory_of(files.database),
                                       files.state, directory_of(files.audit)}) {
    made = made ? make_directories(directory, owner, out.made) : made;
  }
  return made;
}

/// Key file and database with the administrator in it.
Status make_store(const SetupOptions& options, const config::Settings& settings, Undo& undo,
                  SetupResult& out) {
  const config::Files& files = settings.files;
  for (const std::string& path : {files.key, files.database}) {
    if (exists(path)) {
      return Failure{path + " is there already",
                     "nothing is overwritten; --recover gives an administrator back"};
    }
  }
  const auto lock = Lock::take(files.database);
  if (!lock) {
    return lock.why();
  }
  if (Status made = make_key_file(files.key); !made) {
    return made;
  }
  undo.add(files.key);
  auto key = load_key_file(files.key);
  if (!key) {
    return key.why();
  }
  auto store = SqliteStore::create(files.database, std::move(*key), settings.server_id);
  if (!store) {
    return store.why();
  }
  undo.add(files.database);
  auto record = fresh_admin(options, std::nullopt);
  if (!record) {
    return record.why();
  }
  out.k = record->k;
  out.made.insert(out.made.end(), {files.key, files.database});
  return put(**store, *record);
}

/// The record called `identity`, if there is one.
Outcome<std::optional<Record>> find_record(Store& store, const std::string& identity) {
  std::optional<Record> found;
  const Status loaded = store.load([&](Record&& record) {
    if (record.identity == identity) {
      found = std::move(record);
    }
  });
  if (!loaded) {
    return loaded.why();
  }
  return found;
}

Status reinstate(const SetupOptions& options, Store& store, SetupResult& out) {
  auto before = find_record(store, options.admin);
  if (!before) {
    return before.why();
  }
  if (*before && (*before)->kind != Kind::admin) {
    return Failure{
        options.admin + " is a " + std::string{name_of((*before)->kind)} + ", no administrator",
        "take another name"};
  }
  auto record = fresh_admin(options, std::move(*before));
  if (!record) {
    return record.why();
  }
  out.k = record->k;
  return put(store, *record);
}

}  // namespace

Outcome<SetupResult> setup(const SetupOptions& options) {
  SetupResult out;
  Undo undo;
  if (const Status fit = check_names(options); !fit) {
    return fit.why();
  }
  const auto owner = Owner::find(options.owner);
  if (!owner) {
    return owner.why();
  }
  Status status = make_directories(directory_of(options.config), *owner, out.made);
  if (status && !exists(options.config)) {
    status = write_starter(options, undo, out);
  }
  if (!status) {
    return status.why();
  }
  const auto settings = settings_for(options);
  if (!settings) {
    return settings.why();
  }
  status = make_places(settings->files, *owner, out);
  status = status ? make_store(options, *settings, undo, out) : status;
  status =
      status ? append_audit(settings->files.audit, "setup", options.admin, options.now) : status;
  status = status ? give_all(*owner, settings->files) : status;
  if (!status) {
    return status.why();
  }
  undo.keep();
  out.server_id = settings->server_id;
  out.admin = options.admin;
  return out;
}

Outcome<SetupResult> recover(const SetupOptions& options) {
  if (const Status fit = check_names(options); !fit) {
    return fit.why();
  }
  const auto settings = settings_for(options);
  if (!settings) {
    return settings.why();
  }
  const config::Files& files = settings->files;
  const auto owner = Owner::of(files.database);
  if (!owner) {
    return owner.why();
  }
  const auto lock = Lock::take(files.database);
  if (!lock) {
    return lock.why();
  }
  auto key = load_key_file(files.key);
  if (!key) {
    return key.why();
  }
  SetupResult out{settings->server_id, options.admin, {}, {}};
  {
    auto store = SqliteStore::open(files.database, std::move(*key));
    if (!store) {
      return store.why();
    }
    // the audit first: no recovery goes unseen
    Status status = append_audit(files.audit, "recover", options.admin, options.now);
    status = status ? reinstate(options, **store, out) : status;
    if (!status) {
      return status.why();
    }
  }
  if (const Status given = give_all(*owner, files); !given) {
    return given.why();
  }
  return out;
}

}  // namespace countersign::store
