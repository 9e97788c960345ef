#include "countersign/bytes.hpp"

namespace countersign {

bool same_tag(ByteView a, ByteView b) {
  if (a.size() != b.size()) {
    return false;
  }
  // volatile: the loop may not end early, whatever the optimiser thinks of it
  volatile unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = difference | std::to_integer<unsigned>(a[i] ^ b[i]);
  }
  return difference == 0;
}

void wipe(MutableBytes bytes) {
  volatile std::byte* at = bytes.data();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    at[i] = std::byte{0};
  }
}

}  // namespace countersign
