#include "store/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "store/file.hpp"

namespace countersign::store {

Outcome<Lock> Lock::take(const std::string& database) {
  const std::string path = database + ".lock";
  File file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!file.open()) {
    return system_failure("cannot lock", path, errno);
  }
  // root may have come first: the lock is the database owner's
  struct stat owner {};
  if (::geteuid() == 0 && ::stat(database.c_str(), &owner) == 0 &&
      ::fchown(file.descriptor(), owner.st_uid, owner.st_gid) != 0) {
    return system_failure("cannot give away", path, errno);
  }
  if (::flock(file.descriptor(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      return system_failure("cannot lock", path, errno);
    }
    return Failure{database + " is in use", "a broker runs on it: stop it first"};
  }
  return Lock{std::move(file)};
}

}  // namespace countersign::store
