#include "vault/seed_record.hpp"

#include "vault/vault_records.hpp"

namespace countersign::mcu {

bool SeedRecord::keep(ByteView seed) {
  return records_.put(id_of(VaultRecord::seed), seed, kSecretRecord) == Stored::done;
}

bool SeedRecord::start(Drbg& drbg, ByteView first, ByteView board) {
  SecretKey<kSeedBytes> seed;
  std::size_t got = 0;
  switch (records_.get(id_of(VaultRecord::seed), 0, seed.fill(), got)) {
    case Stored::done:
      return drbg.start(seed.bytes().first(got), board, *this);
    case Stored::absent:
      return drbg.start(first, board, *this);
    default:
      return false;
  }
}

}  // namespace countersign::mcu
