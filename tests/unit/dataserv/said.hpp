#pragma once

#include <ostream>
#include <string>

#include "dataserv/judge.hpp"

namespace countersign::dataserv {

inline void PrintTo(Opinion opinion, std::ostream* out) {
  *out << (opinion == Opinion::silent     ? "silent"
           : opinion == Opinion::in_range ? "in_range"
                                          : "out_of_range");
}

/// What `judge` says of a payload that `identity` sent at `now`.
inline Opinion said(Judge& judge, std::string_view identity, const std::string& payload,
                    Millis now = 1) {
  if (!judge.concerns(identity)) {
    return Opinion::silent;
  }
  std::size_t place = 0;
  Heard heard{identity, {bytes_of(payload), config::Format::json}, now};
  return judge.judge(heard, place);
}

/// The same of a payload that is a number.
inline Opinion said(Judge& judge, std::string_view identity, double number, Millis now) {
  return said(judge, identity, std::to_string(number), now);
}

}  // namespace countersign::dataserv
