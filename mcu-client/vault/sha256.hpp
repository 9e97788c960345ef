#pragma once

#include "countersign/crypto.hpp"
#include "vault/raw_bytes.hpp"

extern "C" {
#include <mbedtls/sha256.h>
}

namespace countersign::mcu {

/// SHA-256 step by step. A copy goes on from where the original stands. Wipes itself.
class Sha256 {
 public:
  Sha256() { mbedtls_sha256_init(&context_); }
  Sha256(const Sha256&) = default;
  Sha256& operator=(const Sha256&) = default;
  ~Sha256() { mbedtls_sha256_free(&context_); }

  [[nodiscard]] bool start() { return mbedtls_sha256_starts(&context_, 0) == 0; }
  [[nodiscard]] bool add(ByteView bytes) {
    return mbedtls_sha256_update(&context_, raw(bytes.data()), bytes.size()) == 0;
  }
  [[nodiscard]] bool add(Parts parts) {
    for (const ByteView part : parts) {
      if (!add(part)) {
        return false;
      }
    }
    return true;
  }
  [[nodiscard]] bool finish(Digest& out) {
    return mbedtls_sha256_finish(&context_, raw(out.data())) == 0;
  }

 private:
  mbedtls_sha256_context context_;
};

}  // namespace countersign::mcu
