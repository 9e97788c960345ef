#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "countersign/bytes.hpp"
#include "store/store.hpp"

namespace countersign::store {

/// Sessions and windows over a clean stop (docs/protocol.md, section 2): `sessions.state`, wrapped
/// under a key made for it in `sessions.key`, both mode 0600.

/// What a start found. Wipe `state` after use.
struct Start {
  std::uint64_t run = 0;  ///< of this start
  std::optional<std::vector<std::byte>> state;
  std::string note;  ///< why files that were there were not taken; empty if all was well
};

/// Saves `state` for the start that follows run `run`. Durable when it returns.
[[nodiscard]] Status save_state(const std::string& directory, std::uint64_t run, ByteView state);

/// Takes what the last run saved, if it was the last: raises the run, deletes both files and syncs
/// the directory before it returns. Fails if any of the three fails: nothing may then be served.
[[nodiscard]] Outcome<Start> begin_run(Store& store, const std::string& directory);

}  // namespace countersign::store
