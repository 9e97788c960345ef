#pragma once

#include <string>

#include "countersign/client/outcome.hpp"

namespace countersign::cli {

/// The whole of a file that is no secret, any bytes; `-` is standard input. Fails over `limit`
/// bytes.
[[nodiscard]] client::Outcome<std::string> read_text_file(const std::string& path,
                                                          std::size_t limit);

}  // namespace countersign::cli
