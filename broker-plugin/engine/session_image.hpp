#pragma once

#include <cstddef>
#include <vector>

#include "engine/sessions.hpp"

namespace countersign::engine {

/// All live sessions as bytes, for the clean-stop file. Secret: wipe after use.
[[nodiscard]] std::vector<std::byte> save_sessions(const Sessions& sessions);

/// Puts back what `save_sessions` made. Identities that are no longer there are skipped.
/// \returns false for anything else; what was put back before the fault stays.
[[nodiscard]] bool restore_sessions(ByteView image, const Crypto& crypto, Registry& registry,
                                    Sessions& sessions);

}  // namespace countersign::engine
