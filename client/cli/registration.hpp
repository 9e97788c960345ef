#pragma once

#include <string>
#include <vector>

#include "console.hpp"
#include "countersign/client/key_file.hpp"

namespace countersign::cli {

/// What a device says about itself, as a JSON object of texts: `name=value` words, or one word that
/// is a file of JSON, `-` for stdin.
[[nodiscard]] client::Outcome<Json> read_device_data(const std::vector<std::string>& words);

/// A file of JSON, `-` for stdin.
[[nodiscard]] client::Outcome<Json> read_json(const std::string& path);

/// The key file that a registration's reply makes of `data`. Fails with `Fault::file` if either is
/// not what docs/protocol.md, section 6, says.
[[nodiscard]] client::Outcome<client::KeyFile> registered_key(const Json& reply, const Json& data);

/// Writes it to `path`, or if that is empty to IDENTITY.key. \returns the path.
[[nodiscard]] client::Outcome<std::string> write_registered_key(std::string path,
                                                                const client::KeyFile& key);

/// Overwrites password and kReg in place.
void wipe_secrets(Json& reply);

}  // namespace countersign::cli
