#include "vault/psa_mac_key.hpp"

#include "vault/raw_bytes.hpp"

extern "C" {
#include <psa/crypto.h>
}

namespace countersign::mcu {
namespace {

constexpr psa_algorithm_t kAlgorithm = PSA_ALG_HMAC(PSA_ALG_SHA_256);

bool add(psa_mac_operation_t& operation, Parts parts) {
  for (const ByteView part : parts) {
    if (psa_mac_update(&operation, raw(part.data()), part.size()) != PSA_SUCCESS) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool PsaMacKey::sign(Parts parts, Digest& out) const {
  psa_mac_operation_t operation = psa_mac_operation_init();
  std::size_t size = 0;
  const bool made =
      psa_mac_sign_setup(&operation, id_, kAlgorithm) == PSA_SUCCESS && add(operation, parts) &&
      psa_mac_sign_finish(&operation, raw(out.data()), out.size(), &size) == PSA_SUCCESS;
  // wipes what a failure left; after a success there is nothing
  return psa_mac_abort(&operation) == PSA_SUCCESS && made && size == out.size();
}

bool PsaMacKey::import(const Key32& key) const {
  if (!destroy()) {
    return false;
  }
  psa_key_attributes_t attributes = psa_key_attributes_init();
  psa_set_key_id(&attributes, id_);
  psa_set_key_lifetime(&attributes, PSA_KEY_LIFETIME_PERSISTENT);
  psa_set_key_type(&attributes, PSA_KEY_TYPE_HMAC);
  psa_set_key_algorithm(&attributes, kAlgorithm);
  psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_MESSAGE);
  psa_key_id_t id = 0;
  return psa_import_key(&attributes, raw(key.bytes().data()), key.bytes().size(), &id) ==
         PSA_SUCCESS;
}

bool PsaMacKey::destroy() const {
  const psa_status_t done = psa_destroy_key(id_);
  return done == PSA_SUCCESS || done == PSA_ERROR_INVALID_HANDLE;
}

}  // namespace countersign::mcu
