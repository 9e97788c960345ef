#pragma once

#include <cstddef>

#include "countersign/crypto.hpp"

extern "C" {
#include <mbedtls/hmac_drbg.h>
}

namespace countersign::mcu {

inline constexpr std::size_t kSeedBytes = 64;

/// Keeps the seed of the next start, durably.
class SeedKeeper {
 public:
  /// \returns false if it could not be kept.
  [[nodiscard]] virtual bool keep(ByteView seed) = 0;

 protected:
  SeedKeeper() = default;
  SeedKeeper(const SeedKeeper&) = default;
  SeedKeeper& operator=(const SeedKeeper&) = default;
  ~SeedKeeper() = default;  // never owned through this type
};

/// HMAC-DRBG with SHA-256 (NIST SP 800-90A, 10.1.2) for boards without an entropy source: seeded by
/// what the last start left, and at first by provisioning. Never two boards with one seed. Serves
/// PSA too.
class Drbg final : public Random {
 public:
  Drbg();
  Drbg(const Drbg&) = delete;
  Drbg& operator=(const Drbg&) = delete;
  ~Drbg();

  /// Gives nothing before a seed for the next start is kept: no seed serves twice. `board`, what
  /// tells this board from others, need be no secret: with it a copy of the flash makes other
  /// numbers on another board, so T sees two of them (docs/protocol.md, section 4).
  /// \returns false if `seed` is not `kSeedBytes` long or the next cannot be kept.
  [[nodiscard]] bool start(ByteView seed, ByteView board, SeedKeeper& keeper);

  [[nodiscard]] bool fill(MutableBytes out) override;

 private:
  [[nodiscard]] bool generate(MutableBytes out);

  mbedtls_hmac_drbg_context context_;
  bool started_ = false;
};

}  // namespace countersign::mcu
