#include "engine/fleet_event.hpp"

#include <algorithm>
#include <array>

#include "engine/registry.hpp"
#include "engine/strict_json.hpp"

namespace countersign::engine {
namespace {

using Json = nlohmann::json;
using What = FleetEvent::What;

constexpr int kMaxDepth = 4;
constexpr std::size_t kMaxNameBytes = kMaxReaderBytes;
constexpr std::array<std::string_view, 8> kEvents{"online",        "inserted",       "removed",
                                                  "reader_added",  "reader_removed", "service_lost",
                                                  "service_found", "offline"};
static_assert(kEvents.size() == static_cast<std::size_t>(What::offline) + 1);

bool is_count(const Json& event, const char* key) {
  const auto found = event.find(key);
  return found != event.end() && found->is_number_unsigned();
}

/// A name of a host or a reader.
std::optional<std::string> name_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string() ||
      found->get_ref<const std::string&>().size() > kMaxNameBytes) {
    return std::nullopt;
  }
  return found->get<std::string>();
}

/// Lower case only, as every UID on the wire. \returns false for any other card than none.
bool card_at(const Json& object, std::optional<CardUid>& card) {
  const auto found = object.find("card");
  if (found == object.end()) {
    return true;
  }
  const std::string text = found->is_string() ? found->get<std::string>() : std::string{};
  const bool upper =
      std::any_of(text.begin(), text.end(), [](char c) { return c < 'a' && c > '9'; });
  card = upper ? std::nullopt : parse_card_uid(text);
  return card.has_value();
}

bool add_place(const Json& object, FleetEvent& event) {
  auto reader = object.is_object() ? name_at(object, "reader") : std::nullopt;
  FleetEvent::Place place;
  if (!reader || !card_at(object, place.card)) {
    return false;
  }
  place.reader = std::move(*reader);
  event.places.push_back(std::move(place));
  return true;
}

bool add_places(const Json& object, FleetEvent& event) {
  switch (event.what) {
    case What::online: {
      const auto readers = object.find("readers");
      return readers != object.end() && readers->is_array() &&
             std::all_of(readers->begin(), readers->end(),
                         [&](const Json& one) { return add_place(one, event); });
    }
    case What::inserted:
    case What::removed:
    case What::reader_added:
    case What::reader_removed:
      return add_place(object, event);
    case What::service_lost:
    case What::service_found:
    case What::offline:
      break;
  }
  return true;
}

std::optional<What> what_of(const Json& object) {
  const auto name = name_at(object, "event");
  const auto* const found = std::find(kEvents.begin(), kEvents.end(), name.value_or(""));
  return found == kEvents.end() ? std::nullopt
                                : std::optional{static_cast<What>(found - kEvents.begin())};
}

}  // namespace

std::optional<FleetEvent> parse_fleet_event(std::string_view payload) {
  if (payload.size() > kMaxFleetEventBytes) {
    return std::nullopt;
  }
  const auto object = parse_strict(payload, kMaxDepth);
  if (!object || !object->is_object() || !is_count(*object, "v") || object->at("v") != 1 ||
      !is_count(*object, "number") || !is_count(*object, "at") || !is_count(*object, "uptime")) {
    return std::nullopt;
  }
  const auto what = what_of(*object);
  auto host = name_at(*object, "host");
  if (!what || !host) {
    return std::nullopt;
  }
  FleetEvent event;
  event.what = *what;
  event.host = std::move(*host);
  return add_places(*object, event) ? std::optional{std::move(event)} : std::nullopt;
}

bool is_fleet_topic(std::string_view topic, std::string_view identity) {
  constexpr std::string_view kBefore = "countersign/fleet/";
  constexpr std::string_view kAfter = "/event";
  return topic.size() == kBefore.size() + identity.size() + kAfter.size() &&
         topic.starts_with(kBefore) && topic.ends_with(kAfter) &&
         topic.substr(kBefore.size(), identity.size()) == identity;
}

}  // namespace countersign::engine
