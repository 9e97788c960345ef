#include "vault/x25519.hpp"

namespace countersign::mcu {

bool x25519(const Key32& /*secret*/, const Point& /*point*/, MutableBytes /*out*/) { return false; }

}  // namespace countersign::mcu
