#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "countersign/bytes.hpp"

namespace countersign::mcu::tools {

/// An IPv4 address and a port: `10.0.2.2:1883`.
struct Endpoint4 {
  Bytes<4> address{};
  std::uint16_t port = 0;
};

/// An IPv4 address and the mask of its network: `10.0.2.15/24`.
struct Network4 {
  Bytes<4> address{};
  Bytes<4> mask{};
};

/// Four decimal numbers in their shortest form.
[[nodiscard]] std::optional<Bytes<4>> parse_address(std::string_view text);
/// A port is never 0.
[[nodiscard]] std::optional<Endpoint4> parse_endpoint(std::string_view text);
/// A length is 1 to 30: others have no room for a device and its neighbours.
[[nodiscard]] std::optional<Network4> parse_network(std::string_view text);

/// True if `other` is in the same network.
[[nodiscard]] bool same_network(const Network4& network, const Bytes<4>& other);

[[nodiscard]] std::string text_of_address(const Bytes<4>& address);
[[nodiscard]] std::string text_of_network(const Network4& network);

}  // namespace countersign::mcu::tools
