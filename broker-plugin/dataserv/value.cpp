#include "dataserv/value.hpp"

#include "config/json_number.hpp"
#include "dataserv/cbor_number.hpp"

namespace countersign::dataserv {

std::optional<double> find_value(ByteView payload, config::Format format,
                                 const config::ValuePath& path) {
  if (path.text) {
    return config::text_number(text_of(payload));
  }
  return format == config::Format::cbor ? find_cbor_number(payload, path.pointer)
                                        : config::find_number(text_of(payload), path.pointer);
}

}  // namespace countersign::dataserv
