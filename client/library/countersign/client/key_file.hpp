#pragma once

#include <string>
#include <string_view>

#include "countersign/aplus.hpp"
#include "countersign/client/locked.hpp"
#include "countersign/client/method.hpp"
#include "countersign/client/outcome.hpp"
#include "countersign/client/registration_key.hpp"
#include "countersign/identity.hpp"

namespace countersign::client {

/// A software key as it lies in its file:
///
///     # countersign key: whoever reads this file is mote-3
///     version = 1
///     identity = mote-3
///     kind = device
///     key = 64 hex digits
///     epoch = 12
///     server_id = plant-a      (optional: the server it is for)
///     suite = 1                (optional: 1 x25519, 2 symmetric)
///
/// One of method mfar has no epoch; its key is K_reg, and there stand besides
///
///     method = mfar            (a+ if it is missing)
///     password = 1-255 bytes
///     data.uuid = 1-255 bytes  (what was registered, one line a field)
///
/// In these a control character, `#`, `%` and a blank at either end are `%` and two hex digits.
struct KeyFile {
  Identity identity;
  Kind kind = Kind::device;
  LockedKey key;            ///< k; none with mfar
  std::uint32_t epoch = 0;  ///< none with mfar
  std::string server_id;
  Suite suite = Suite::x25519;
  Method method = Method::aplus;
  RegistrationKey registration = {};  ///< of method mfar
};

/// A new random key with epoch 0.
[[nodiscard]] Outcome<KeyFile> make_key(std::string_view identity, Kind kind);

/// Writes a new file: mode 0600, durable before this returns. Refuses to overwrite anything.
[[nodiscard]] Status create_key_file(const std::string& path, const KeyFile& key);

/// Reads a key file. Refuses links, other people's files, modes wider than 0600, and whatever
/// `create_key_file` would not have written, with words that say what to do.
[[nodiscard]] Outcome<KeyFile> read_key_file(const std::string& path);

/// Raises the epoch under the file's lock, durably, and returns the key with its new epoch. Two
/// processes at once get different epochs. Refuses at the last one, and where there is none.
[[nodiscard]] Outcome<KeyFile> raise_epoch(const std::string& path);

/// The text of a key file, and back. For tests and tools.
[[nodiscard]] LockedBuffer format_key_file(const KeyFile& key);
[[nodiscard]] Outcome<KeyFile> parse_key_file(std::string_view text);

}  // namespace countersign::client
