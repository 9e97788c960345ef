#include "tools/address_text.hpp"

#include <bit>

#include "countersign/client/key_text.hpp"

namespace countersign::mcu::tools {
namespace {

constexpr std::uint32_t kMaxPrefix = 30;

std::uint32_t number_of(const Bytes<4>& address) { return Reader{address}.be<std::uint32_t>(); }

/// Takes what stands before the first `end` from the front of `text`, and `end` too.
std::string_view take_until(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  const std::string_view head = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
  return head;
}

}  // namespace

std::optional<Bytes<4>> parse_address(std::string_view text) {
  Bytes<4> out{};
  for (std::byte& b : out) {
    const bool last = &b == &out.back();
    if (!last && text.find('.') == std::string_view::npos) {
      return {};
    }
    const auto number = client::read_number(last ? text : take_until(text, '.'), 255);
    if (!number) {
      return {};
    }
    b = static_cast<std::byte>(*number);
  }
  return out;
}

std::optional<Endpoint4> parse_endpoint(std::string_view text) {
  const auto address = parse_address(take_until(text, ':'));
  const auto port = client::read_number(text, 65'535);
  if (!address || !port || *port == 0) {
    return {};
  }
  return Endpoint4{*address, static_cast<std::uint16_t>(*port)};
}

std::optional<Network4> parse_network(std::string_view text) {
  const auto address = parse_address(take_until(text, '/'));
  const auto prefix = client::read_number(text, kMaxPrefix);
  if (!address || !prefix || *prefix == 0) {
    return {};
  }
  Network4 out{.address = *address};
  Writer{out.mask}.be(~std::uint32_t{0} << (32 - *prefix));
  return out;
}

bool same_network(const Network4& network, const Bytes<4>& other) {
  return ((number_of(network.address) ^ number_of(other)) & number_of(network.mask)) == 0;
}

std::string text_of_address(const Bytes<4>& address) {
  std::string out;
  for (const std::byte b : address) {
    out.append(out.empty() ? "" : ".").append(std::to_string(std::to_integer<unsigned>(b)));
  }
  return out;
}

std::string text_of_network(const Network4& network) {
  return text_of_address(network.address) + "/" +
         std::to_string(std::countl_one(number_of(network.mask)));
}

}  // namespace countersign::mcu::tools
