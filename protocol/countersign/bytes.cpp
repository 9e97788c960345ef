#include "countersign/bytes.hpp"

namespace countersign {

bool same_tag(ByteView a, ByteView b) {
  if (a.size() != b.size()) {
    return false;
  }
  std::byte difference{0};
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |= a[i] ^ b[i];
    // the optimiser may not know the value, so it cannot end the loop early
    __asm__ volatile("" : "+r"(difference));
  }
  return difference == std::byte{0};
}

void wipe(MutableBytes bytes) {
  volatile std::byte* at = bytes.data();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    at[i] = std::byte{0};
  }
}

}  // namespace countersign
