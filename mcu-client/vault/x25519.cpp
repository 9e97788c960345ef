#include "vault/x25519.hpp"

#include <cstdint>

extern "C" {
// HACL*'s Curve25519 as mbedTLS brings it: formally verified, constant in time, without a heap.
// Its own header asks for much of its runtime.
void Hacl_Curve25519_crypto_scalarmult(std::uint8_t* out, std::uint8_t* secret,
                                       std::uint8_t* point);
}

namespace countersign::mcu {

bool x25519(const Key32& secret, const Point& point, MutableBytes out) {
  if (out.size() != kPointBytes) {
    return false;
  }
  Key32 scalar{secret};
  Point base{point};
  Key32 result;
  Hacl_Curve25519_crypto_scalarmult(reinterpret_cast<std::uint8_t*>(result.fill().data()),
                                    reinterpret_cast<std::uint8_t*>(scalar.fill().data()),
                                    reinterpret_cast<std::uint8_t*>(base.data()));
  std::byte any{0};
  for (std::size_t i = 0; i < kPointBytes; ++i) {
    out[i] = result.bytes()[i];
    any |= out[i];
  }
  return any != std::byte{0};
}

}  // namespace countersign::mcu
