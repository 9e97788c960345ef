#include "dataserv/value.hpp"

#include <algorithm>

#include "config/json_number.hpp"
#include "dataserv/cbor_number.hpp"

namespace countersign::dataserv {

std::optional<double> Values::at(const config::ValuePath& path) {
  return path.text ? config::text_number(text_of(payload_)) : at(path.pointer);
}

std::optional<double> Values::at(std::string_view pointer) {
  const auto end = known_.begin() + static_cast<std::ptrdiff_t>(count_);
  const auto found = std::find_if(
      known_.begin(), end, [pointer](const Known& known) { return known.pointer == pointer; });
  if (found != end) {
    return found->number;
  }
  const auto number = format_ == config::Format::cbor
                          ? find_cbor_number(payload_, pointer)
                          : config::find_number(text_of(payload_), pointer);
  if (count_ < known_.size()) {
    known_[count_++] = {pointer, number};
  }
  return number;
}

}  // namespace countersign::dataserv
