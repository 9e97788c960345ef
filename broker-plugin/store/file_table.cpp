#include "store/file_table.hpp"

#include <linux/close_range.h>
#include <unistd.h>

namespace countersign::store {

bool take_own_file_table() noexcept {
  constexpr unsigned kFirst = 3;
  // one call, not unshare and then close: a copy of the broker's sockets, however short-lived or
  // for want of the second call, would keep connections open that the broker has closed
  return ::close_range(kFirst, ~0U, CLOSE_RANGE_UNSHARE) == 0;
}

}  // namespace countersign::store
