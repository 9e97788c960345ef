#pragma once

#include <cstdint>

#include "countersign/bytes.hpp"

namespace countersign {

/// The MQTT 5 properties that a tag covers, as they stand in a PUBLISH (MQTT 5, 3.3.2.3). Borrows.
struct Properties {
  bool has_payload_format = false;
  std::uint8_t payload_format = 0;
  bool has_content_type = false;
  ByteView content_type;
  bool has_response_topic = false;
  ByteView response_topic;
  bool has_correlation_data = false;
  ByteView correlation_data;

  /// Writes `props` of docs/protocol.md, section 1: id then value, in rising order of id, only what
  /// is present. The room decides how much is too much.
  void write(Writer& out) const {
    if (has_payload_format) {
      out.be(std::uint8_t{0x01}).be(payload_format);
    }
    if (has_content_type) {
      out.be(std::uint8_t{0x03}).s16(content_type);
    }
    if (has_response_topic) {
      out.be(std::uint8_t{0x08}).s16(response_topic);
    }
    if (has_correlation_data) {
      out.be(std::uint8_t{0x09}).s16(correlation_data);
    }
  }
};

}  // namespace countersign
