#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "countersign/bytes.hpp"
#include "countersign/card.hpp"

namespace countersign::engine {

inline constexpr std::size_t kMaxFleetEventBytes = 16'384;

/// What an agent says happened at its host (docs/protocol.md, section 11).
struct FleetEvent {
  enum class What {
    online,
    inserted,
    removed,
    reader_added,
    reader_removed,
    service_lost,
    service_found,
    offline,
  };
  /// A reader, and the card of ours in it, if there is one.
  struct Place {
    std::string reader;
    std::optional<CardUid> card;
  };

  What what = What::offline;
  std::string host;
  std::vector<Place> places;  ///< of `online` all readers, of others the one that they are about
};

/// Nothing for what is not of that form; fields that it does not know are passed over.
[[nodiscard]] std::optional<FleetEvent> parse_fleet_event(std::string_view payload);

/// Whether `topic` is where `identity`, as an agent, says what happens.
[[nodiscard]] bool is_fleet_topic(std::string_view topic, std::string_view identity);

}  // namespace countersign::engine
