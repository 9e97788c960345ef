#include "issuer_order.hpp"

#include <algorithm>
#include <chrono>

#include "answer_text.hpp"
#include "countersign/client/card/card.hpp"
#include "countersign/client/key_text.hpp"
#include "openssl/crypto.hpp"

namespace countersign::cli {
namespace {

std::uint32_t number_at(const Json& object, std::string_view key) {
  const Json& value = member(object, key);
  return value.is_number_unsigned() ? value.get<std::uint32_t>() : 0;
}

}  // namespace

client::Outcome<CardUid> parse_card_uid(std::string_view text) {
  CardUid uid{};
  if (text.size() != 2 * kCardUidBytes || !client::read_hex(text, uid)) {
    return client::Error{.fault = client::Fault::usage,
                         .text = printable(text) + " is no card's UID",
                         .hint = "16 hex digits; card watch --once lists them"};
  }
  return uid;
}

client::Outcome<std::string> issuer_order(const client::LockedKey& issuer, const CardUid& uid,
                                          IssuerCommand command, std::uint32_t n) {
  const openssl::OpenSslCrypto crypto;
  Key32 kiss;
  IssuerProof proof;
  Bytes<kIssuerProofBytes> bytes{};
  Writer out{bytes};
  if (!derive_issuer_key(crypto, issuer.key(), uid, kiss) ||
      !prove_issuer(crypto, kiss, uid, command, n, proof)) {
    return client::Error{.fault = client::Fault::file, .text = "the cryptography failed"};
  }
  write_issuer_proof(proof, out);
  return client::hex_of(bytes);
}

std::uint32_t next_issuer_number(const Json& card) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(
                           std::chrono::system_clock::now().time_since_epoch())
                           .count();
  const std::uint32_t used =
      std::max(number_at(card, "adminCounter"), number_at(member(card, "order"), "n"));
  return std::max(used + 1, static_cast<std::uint32_t>(seconds));
}

}  // namespace countersign::cli
