#include "countersign/client/card/issuer_key.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "countersign/keys.hpp"
#include "openssl/crypto.hpp"

namespace countersign::client {
namespace {

Error no_crypto() { return {Fault::card, "the issuer's key cannot be used: no memory"}; }

bool derive(const LockedKey& issuer, const CardUid& uid, Key32& kiss) {
  return !issuer.empty() && derive_issuer_key(openssl::OpenSslCrypto{}, issuer.key(), uid, kiss);
}

}  // namespace

Outcome<LockedKey> IssuerKey::card_key(const CardUid& uid) const {
  Key32 kiss;
  if (!derive(key_, uid, kiss)) {
    return no_crypto();
  }
  return LockedKey{kiss.bytes()};
}

Outcome<LockedKey> IssuerKey::reset_key(const CardUid& uid) const {
  const std::array<ByteView, 1> context{uid};
  Key32 kiss;
  Key32 transport;
  if (!derive(key_, uid, kiss) ||
      !expand(openssl::OpenSslCrypto{}, kiss.bytes(), "card reset", context, transport)) {
    return no_crypto();
  }
  return LockedKey{transport.bytes()};
}

Outcome<IssuerProof> IssuerKey::prove(const CardUid& uid, IssuerCommand command,
                                      std::uint32_t n) const {
  Key32 kiss;
  IssuerProof proof;
  if (!derive(key_, uid, kiss) ||
      !prove_issuer(openssl::OpenSslCrypto{}, kiss, uid, command, n, proof)) {
    return no_crypto();
  }
  return proof;
}

std::optional<std::uint32_t> next_issuer_number(std::uint32_t last, std::uint64_t seconds) {
  constexpr std::uint64_t kLast = std::numeric_limits<std::uint32_t>::max();
  if (last == kLast) {
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(std::max(std::uint64_t{last} + 1, std::min(seconds, kLast)));
}

}  // namespace countersign::client
