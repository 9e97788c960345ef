#pragma once

#include "app/sensor_node.hpp"
#include "flash/provisioning.hpp"

namespace countersign::mcu {

/// A node's buffer for packets: the largest that comes in, and its own CONNECT.
inline constexpr std::size_t kPacketBytes = 512;

/// What the provisioning page says, as the parts of a node take it. All of it borrows from the
/// page.
[[nodiscard]] inline DeviceOptions device_options(const Settings& settings) {
  DeviceOptions options;
  options.broker = {.address = settings.broker, .port = settings.broker_port};
  options.topic = settings.topic;
  options.sealed = settings.sealed;
  options.will = {
      .topic = settings.will_topic, .payload = settings.will_payload, .qos = 1, .retain = false};
  return options;
}

[[nodiscard]] inline NodeOptions node_options(const Settings& settings) {
  return {.interval = settings.interval_ms, .live = settings.live, .readings = settings.readings};
}

[[nodiscard]] inline Profile profile_of(const Settings& settings) {
  return {.identity = settings.identity,
          .server_id = settings.server_id,
          .suite = settings.suite == 1 ? Suite::x25519 : Suite::symmetric,
          .method = settings.mfar ? Method::mfar : Method::aplus,
          .password = settings.password,
          .fields = settings.registration()};
}

}  // namespace countersign::mcu
