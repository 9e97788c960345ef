#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "countersign/bytes.hpp"

namespace countersign::dataserv {

/// What an evaluator learned, as bytes: u8 version 1, then for each device s8(identity) and its
/// numbers as IEEE 754 doubles, big-endian.
class Image {
 public:
  Image();
  Image& add(std::string_view identity);
  Image& add(double number);
  [[nodiscard]] std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

/// Reads it back. What is no finite number is a fault.
class ImageReader {
 public:
  explicit ImageReader(ByteView image);
  /// True while there is another device and no fault.
  [[nodiscard]] bool more() const { return ok() && !in_.done(); }
  [[nodiscard]] std::string_view identity();
  [[nodiscard]] double number();
  [[nodiscard]] bool ok() const { return ok_ && in_.ok(); }

 private:
  Reader in_;
  bool ok_ = true;
};

}  // namespace countersign::dataserv
