#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include "checks.hpp"

namespace countersign::cli {
namespace {

namespace fs = std::filesystem;

/// Whom the broker runs as.
struct User {
  std::string name;
  uid_t uid = 0;
  std::vector<gid_t> groups;

  /// By owner, group and mode alone, for `bits` such as 02 (write).
  [[nodiscard]] bool may(const struct stat& entry, mode_t bits) const {
    if (uid == 0) {
      return true;
    }
    if (entry.st_uid == uid) {
      return (entry.st_mode >> 6U & bits) == bits;
    }
    const bool in_group = std::find(groups.begin(), groups.end(), entry.st_gid) != groups.end();
    return ((in_group ? entry.st_mode >> 3U : entry.st_mode) & bits) == bits;
  }
};

std::optional<User> find_user(const std::string& name) {
  const passwd* const entry = getpwnam(name.c_str());
  if (entry == nullptr) {
    return std::nullopt;
  }
  int count = 64;
  User user{.name = name, .uid = entry->pw_uid, .groups = std::vector<gid_t>(64)};
  static_cast<void>(getgrouplist(name.c_str(), entry->pw_gid, user.groups.data(), &count));
  user.groups.resize(static_cast<std::size_t>(std::clamp(count, 0, 64)));
  return user;
}

std::string octal(mode_t mode) {
  std::string digits = "0000";
  for (std::size_t i = 0; i < 4; ++i) {
    digits[3 - i] = static_cast<char>('0' + (mode >> (3 * i) & 7U));
  }
  return digits;
}

/// What the broker's user keeps and what it needs, looked at from outside.
class Inspection {
 public:
  Inspection(User user, Findings& out) : user_{std::move(user)}, out_{out} {}

  void key_file(const std::string& path) {
    struct stat entry {};
    if (!look(path, entry, lstat, "countersign setup makes it")) {
      return;
    }
    if (!S_ISREG(entry.st_mode)) {
      add(Severity::error, path, "the key file is no plain file", "the broker will not start");
    } else if ((entry.st_mode & 077U) != 0) {
      add(Severity::error, path,
          "others may read the key file (mode " + octal(entry.st_mode & 07777U) + ")",
          "chmod 600 " + path + ", and if somebody did read it, give every device a new key");
    } else if (entry.st_uid != user_.uid) {
      add(Severity::error, path, "the key file does not belong to " + user_.name,
          "chown " + user_.name + " " + path);
    }
    reachable(path);
  }

  void database(const std::string& path) {
    struct stat entry {};
    if (look(path, entry, stat, "countersign setup makes it") && !user_.may(entry, 06)) {
      add(Severity::error, path, user_.name + " may not read and write the database",
          "chown " + user_.name + " " + path);
    }
    directory(fs::path{path}.parent_path());
  }

  void directory(const fs::path& path) {
    struct stat entry {};
    if (!look(path, entry, stat, "make it, and give it to " + user_.name)) {
      return;
    }
    if (!user_.may(entry, 03)) {
      add(Severity::error, path, user_.name + " may not make files in it",
          "chown " + user_.name + " " + path.string() +
              " (a writable file in it is not enough: what is written is renamed)");
    }
    if ((entry.st_mode & 02U) != 0 && (entry.st_mode & S_ISVTX) == 0) {
      add(Severity::error, path, "everybody may replace what is in it",
          "chmod o-w " + path.string());
    }
    reachable(path);
  }

  void log(const std::string& path) {
    struct stat entry {};
    if (stat(path.c_str(), &entry) == 0 && !user_.may(entry, 02)) {
      add(Severity::error, path, user_.name + " may not write it",
          "chown " + user_.name + " " + path);
    }
    if (stat(path.c_str(), &entry) == 0 && (entry.st_mode & 04U) != 0) {
      add(Severity::warning, path, "everybody may read it: it tells who connects from where",
          "chmod o-r " + path);
    }
  }

  /// Read by the broker, written by its administrator.
  void config(const std::string& path) {
    struct stat entry {};
    if (stat(path.c_str(), &entry) != 0) {
      return;
    }
    if (!user_.may(entry, 04)) {
      add(Severity::error, path, user_.name + " may not read it", "chmod a+r " + path);
    }
    if ((entry.st_mode & 02U) != 0) {
      add(Severity::error, path, "everybody may change the rules", "chmod o-w " + path);
    }
    reachable(path);
  }

 private:
  template <class Stat>
  bool look(const fs::path& path, struct stat& entry, Stat stat_function, const std::string& hint) {
    if (stat_function(path.c_str(), &entry) == 0) {
      return true;
    }
    if (errno == ENOENT || errno == ENOTDIR) {
      add(Severity::error, path, "is not there", hint);
    } else {
      add(Severity::warning, path, std::string{"cannot look: "} + std::strerror(errno),
          "run countersign doctor as root");
    }
    return false;
  }

  /// Every directory above must let the broker's user through.
  void reachable(const fs::path& path) {
    for (fs::path folder = path.parent_path(); folder != folder.root_path();
         folder = folder.parent_path()) {
      struct stat entry {};
      if (stat(folder.c_str(), &entry) == 0 && !user_.may(entry, 01)) {
        add(Severity::error, folder,
            user_.name + " may not enter it, so " + path.string() + " is out of reach",
            "chmod a+x " + folder.string());
        return;
      }
    }
  }

  void add(Severity severity, const fs::path& path, const std::string& text,
           const std::string& hint) {
    out_.push_back({severity, {path.string(), 0}, text, hint});
  }

  User user_;
  Findings& out_;
};

}  // namespace

void check_files(const MosquittoConf& conf, const config::Settings& settings,
                 const std::string& path, Findings& out) {
  const Setting* const named = conf.global.find("user");
  const auto user = find_user(named == nullptr ? "mosquitto" : named->value);
  if (!user) {
    out.push_back(
        {Severity::error, named == nullptr ? Place{conf.file, 0} : named->place,
         "there is no user " + (named == nullptr ? std::string{"mosquitto"} : named->value),
         "the broker runs as this user: install mosquitto, or name another"});
    return;
  }
  Inspection inspection{*user, out};
  inspection.config(path);
  inspection.key_file(settings.files.key);
  inspection.database(settings.files.database);
  inspection.directory(settings.files.state);
  inspection.directory(fs::path{settings.files.audit}.parent_path());
  inspection.log(settings.files.audit);
  if (const Setting* const dest = conf.global.find("log_dest");
      dest != nullptr && dest->value.starts_with("file ")) {
    inspection.log(dest->value.substr(5));
  }
}

}  // namespace countersign::cli
