#include "countersign/client/pin.hpp"

#include <algorithm>

namespace countersign::client {

Outcome<Pin> Pin::from(std::string_view text) {
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  if (text.size() < kMinPinBytes || text.size() > kMaxPinBytes || !printable) {
    return Error{Fault::usage, "a PIN has 4 to 16 ASCII characters without blanks, a PUK 8 to 16"};
  }
  Pin pin;
  pin.memory_ = LockedBuffer{text.size()};
  if (pin.memory_.empty()) {
    return Error{Fault::file, "no memory for a PIN"};
  }
  copy(bytes_of(text), pin.memory_.bytes());
  return pin;
}

}  // namespace countersign::client
