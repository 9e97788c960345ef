/// What an agent says: taken strictly or not at all, and whatever is taken is bounded.

#include "engine/fleet_event.hpp"

#include "fuzz/input.hpp"

namespace countersign::fuzz {
namespace {

using engine::FleetEvent;

bool is_about_one_reader(FleetEvent::What what) {
  return what == FleetEvent::What::inserted || what == FleetEvent::What::removed ||
         what == FleetEvent::What::reader_added || what == FleetEvent::What::reader_removed;
}

}  // namespace

void run(std::string_view payload) {
  const auto event = engine::parse_fleet_event(payload);
  if (!event) {
    return;
  }
  require(payload.size() <= engine::kMaxFleetEventBytes &&
          event->what <= FleetEvent::What::offline);
  require(event->host.size() <= kMaxReaderBytes);
  require(!is_about_one_reader(event->what) || event->places.size() == 1);
  require(event->places.size() <= payload.size());
  for (const FleetEvent::Place& place : event->places) {
    require(place.reader.size() <= kMaxReaderBytes);
  }
}

}  // namespace countersign::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  countersign::fuzz::run(countersign::text_of(std::as_bytes(std::span{data, size})));
  return 0;
}
