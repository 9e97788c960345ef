#include "vault/key_store.hpp"

#include "flash/psa_its.hpp"
#include "vault/seed_record.hpp"

extern "C" {
#include <psa/crypto.h>
}

namespace countersign::mcu {

KeyStore::~KeyStore() {
  mbedtls_psa_crypto_free();
  bind_its(nullptr);
}

// what it calls is not inlined: the buffers of one would stand on the stack of the next
bool KeyStore::open(const FirstSecrets* first, ByteView board) {
  SeedRecord seed{records_};
  const ByteView first_seed = first == nullptr ? ByteView{} : first->seed;
  const auto first_commanders = first == nullptr ? std::span<const Key32>{} : first->commanders;
  if (board.empty() || !records_.open() || !seed.start(drbg_, first_seed, board)) {
    return false;
  }
  bind_its(&records_);
  return psa_crypto_init() == PSA_SUCCESS &&
         device_key_.open(first == nullptr ? nullptr : &first->key) &&
         commanders_.open(first_commanders) && numbers_.open();
}

}  // namespace countersign::mcu
