#pragma once

namespace countersign::store {

/// Gives the calling thread a table of open files of its own, with the standard three alone. The
/// kernel counts references to each socket that the broker touches as long as another thread shares
/// its table; with tables apart it need not (docs/decisions/0038). What the thread opens afterwards
/// it must close itself: in another table the same number is another file, perhaps a client.
/// Where the kernel does not allow it nothing changes.
/// \returns whether the table is now the thread's own.
bool take_own_file_table() noexcept;

}  // namespace countersign::store
