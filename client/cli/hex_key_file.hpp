#pragma once

#include <string>

#include "countersign/client/locked.hpp"
#include "countersign/client/outcome.hpp"

namespace countersign::cli {

/// A key that stands alone in a file as 64 hex digits, mode 0600.
[[nodiscard]] client::Outcome<client::LockedKey> read_hex_key(const std::string& path);

/// The same; a random one is written if there is no such file.
[[nodiscard]] client::Outcome<client::LockedKey> read_or_make_hex_key(const std::string& path);

}  // namespace countersign::cli
