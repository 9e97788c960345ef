/// Numbers in payloads, JSON and CBOR, and topics against filters.
///   1   bit 0: topic filters instead
///   1+n JSON pointer, or filter
///   …   payload, or topic

#include <cmath>

#include "config/json_number.hpp"
#include "config/json_pointer.hpp"
#include "config/topic_filter.hpp"
#include "countersign/identity.hpp"
#include "dataserv/cbor_number.hpp"
#include "fuzz/input.hpp"

namespace countersign::fuzz {
namespace {

void numbers(std::string_view pointer, std::string_view payload) {
  if (const auto number = config::text_number(payload)) {
    require(std::isfinite(*number));
  }
  if (!config::is_json_pointer(pointer)) {
    return;
  }
  if (const auto number = dataserv::find_cbor_number(bytes_of(payload), pointer)) {
    require(std::isfinite(*number));
  }
  if (const auto number = config::find_number(payload, pointer)) {
    require(std::isfinite(*number));
    if (pointer.empty()) {
      const auto text = config::text_number(payload);
      require(text && *text == *number);
    }
  }
}

void filters(std::string_view text, std::string_view topic) {
  const auto filter = config::TopicFilter::parse(text);
  if (!filter) {
    return;
  }
  if (config::is_topic(topic)) {
    const auto match = filter->match(topic);
    require(match.bound.empty() || (filter->binds() && is_identity(match.bound)));
    require(!match || !filter->binds() || !match.bound.empty());
  }
  if (const auto other = config::TopicFilter::parse_subscription(topic)) {
    const auto overlap = filter->compare(*other);
    require(overlap.any || !overlap.covered);
  }
}

}  // namespace
}  // namespace countersign::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  countersign::fuzz::Input in{data, size};
  const bool topics = (in.byte() & 1U) != 0;
  const std::string_view head = in.text();
  const std::string_view rest = countersign::text_of(in.rest());
  (topics ? countersign::fuzz::filters : countersign::fuzz::numbers)(head, rest);
  return 0;
}
