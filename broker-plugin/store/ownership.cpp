#include "store/ownership.hpp"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "store/file.hpp"

namespace countersign::store {

Outcome<Owner> Owner::find(const std::string& name) {
  if (::geteuid() != 0) {
    return Owner{::geteuid(), ::getegid()};
  }
  struct passwd entry {};
  struct passwd* found = nullptr;
  std::array<char, 4096> room{};
  ::getpwnam_r(name.c_str(), &entry, room.data(), room.size(), &found);
  if (found == nullptr) {
    return Failure{"there is no user " + name, "name the user that the broker runs as: --user"};
  }
  return Owner{entry.pw_uid, entry.pw_gid};
}

Outcome<Owner> Owner::of(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    return system_failure("cannot look at", path, errno);
  }
  return Owner{status.st_uid, status.st_gid};
}

Status Owner::give(const std::string& path) const {
  if (::geteuid() != 0 || !exists(path)) {
    return Done{};
  }
  if (::lchown(path.c_str(), user_, group_) != 0) {
    return system_failure("cannot give away", path, errno);
  }
  return Done{};
}

Status make_directories(const std::string& directory, const Owner& owner,
                        std::vector<std::string>& made) {
  if (directory.empty() || exists(directory)) {
    return Done{};
  }
  if (Status above = make_directories(directory_of(directory), owner, made); !above) {
    return above;
  }
  if (::mkdir(directory.c_str(), 0750) != 0) {
    return system_failure("cannot make", directory, errno);
  }
  made.push_back(directory);
  return owner.give(directory);
}

}  // namespace countersign::store
