#pragma once

#include "fault/fault.hpp"

namespace countersign::test {

/// The fault that strikes among the calls to OpenSSL.
[[nodiscard]] Fault& openssl_fault();

}  // namespace countersign::test
