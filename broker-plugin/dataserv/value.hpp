#pragma once

#include <array>
#include <optional>

#include "config/evaluation.hpp"

namespace countersign::dataserv {

/// The numbers of one payload, each looked for once however many evaluators ask for it. Allocates
/// nothing. Borrows the payload and the pointers it was asked for.
class Values {
 public:
  Values(ByteView payload, config::Format format) : payload_{payload}, format_{format} {}

  /// The finite number at `path`, or nothing: missing, no number, NaN, infinite, no payload of that
  /// format.
  [[nodiscard]] std::optional<double> at(const config::ValuePath& path);
  /// The same by a JSON pointer.
  [[nodiscard]] std::optional<double> at(std::string_view pointer);

 private:
  struct Known {
    std::string_view pointer;
    std::optional<double> number;
  };

  ByteView payload_;
  config::Format format_;
  std::array<Known, config::kMaxCorrelated> known_;
  std::size_t count_ = 0;
};

}  // namespace countersign::dataserv
