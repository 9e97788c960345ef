#pragma once

#include <string>

#include "countersign/client/key_text.hpp"

namespace countersign::mcu::tools {

/// Lower-case hex. Not for secrets.
[[nodiscard]] inline std::string hex_of(ByteView bytes) {
  std::string out(2 * bytes.size(), '0');
  client::write_hex(bytes, std::as_writable_bytes(std::span{out}));
  return out;
}

}  // namespace countersign::mcu::tools
