#include "vault/drbg.hpp"

#include <algorithm>

#include "vault/raw_bytes.hpp"

extern "C" {
#include <mbedtls/md.h>
#include <psa/crypto.h>
}

namespace countersign::mcu {
namespace {

// PSA's hook is a plain function of C, so what it asks is a global
constinit Random* psa_random = nullptr;

}  // namespace

extern "C" psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t*,
                                                        std::uint8_t* output,
                                                        std::size_t output_size,
                                                        std::size_t* output_length) {
  const MutableBytes room{reinterpret_cast<std::byte*>(output), output_size};
  if (psa_random == nullptr || !psa_random->fill(room)) {
    return PSA_ERROR_INSUFFICIENT_ENTROPY;
  }
  *output_length = output_size;
  return PSA_SUCCESS;
}

Drbg::Drbg() {
  mbedtls_hmac_drbg_init(&context_);
  psa_random = this;
}

Drbg::~Drbg() {
  psa_random = nullptr;
  mbedtls_hmac_drbg_free(&context_);
}

bool Drbg::start(ByteView seed, ByteView board, SeedKeeper& keeper) {
  if (seed.size() != kSeedBytes ||
      mbedtls_hmac_drbg_seed_buf(&context_, mbedtls_md_info_from_type(MBEDTLS_MD_SHA256),
                                 raw(seed.data()), seed.size()) != 0 ||
      (!board.empty() &&
       mbedtls_hmac_drbg_update(&context_, raw(board.data()), board.size()) != 0)) {
    return false;
  }
  Bytes<kSeedBytes> next{};
  started_ = generate(next) && keeper.keep(next);
  wipe(next);
  return started_;
}

bool Drbg::fill(MutableBytes out) { return started_ && generate(out); }

bool Drbg::generate(MutableBytes out) {
  while (!out.empty()) {
    const std::size_t size = std::min<std::size_t>(out.size(), MBEDTLS_HMAC_DRBG_MAX_REQUEST);
    if (mbedtls_hmac_drbg_random(&context_, raw(out.data()), size) != 0) {
      return false;
    }
    out = out.subspan(size);
  }
  return true;
}

}  // namespace countersign::mcu
