#include "dataserv/image.hpp"

#include <bit>
#include <cmath>

#include "countersign/identity.hpp"

namespace countersign::dataserv {
namespace {

constexpr std::uint8_t kVersion = 1;

}  // namespace

Image::Image() : bytes_{std::byte{kVersion}} {}

Image& Image::add(std::string_view identity) {
  bytes_.push_back(static_cast<std::byte>(identity.size()));
  const ByteView text = bytes_of(identity);
  bytes_.insert(bytes_.end(), text.begin(), text.end());
  return *this;
}

Image& Image::add(double number) {
  const auto bits = std::bit_cast<std::uint64_t>(number);
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes_.push_back(static_cast<std::byte>((bits >> static_cast<unsigned>(shift)) & 0xFFU));
  }
  return *this;
}

ImageReader::ImageReader(ByteView image) : in_{image}, ok_{in_.be<std::uint8_t>() == kVersion} {}

std::string_view ImageReader::identity() {
  const std::string_view identity = text_of(in_.s8());
  ok_ = ok_ && is_identity(identity);
  return identity;
}

double ImageReader::number() {
  const auto number = std::bit_cast<double>(in_.be<std::uint64_t>());
  ok_ = ok_ && std::isfinite(number);
  return number;
}

}  // namespace countersign::dataserv
