#pragma once

#include <memory>
#include <string>

#include "countersign/properties.hpp"
#include "engine/publishes.hpp"
#include "mosquitto_api.hpp"

namespace countersign {

/// What libmosquitto allocated with libc: property strings.
struct FreeText {
  void operator()(char* text) const;
};
using OwnedText = std::unique_ptr<char, FreeText>;

/// Reads the properties that concern us from a PUBLISH and keeps what they point to.
class PublishProperties {
 public:
  /// Fills in the properties of `incoming`, which borrows from this object.
  void read(const mosquitto_property* properties, engine::Incoming& incoming);

 private:
  void read_signed(const mosquitto_property* properties, Properties& out);
  void read_user(const mosquitto_property* properties, engine::Incoming& incoming);

  OwnedText content_type_;
  OwnedText response_topic_;
  OwnedText correlation_data_;
  OwnedText cs1_;
};

/// Adds `cs-id`, `cs-level`, `cs-score` and `cs-card` for the subscribers.
/// \returns false if the broker has no memory left.
[[nodiscard]] bool add_sender_properties(const engine::Handling& handling,
                                         mosquitto_property** properties);

}  // namespace countersign
