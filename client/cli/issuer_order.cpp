#include "issuer_order.hpp"

#include <algorithm>
#include <chrono>

#include "answer_text.hpp"
#include "countersign/client/card/card.hpp"
#include "countersign/client/key_text.hpp"

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

client::Outcome<std::string> issuer_order(const client::IssuerKey& issuer, const CardUid& uid,
                                          IssuerCommand command, const Json& card) {
  const std::uint32_t used =
      std::max(number_at(card, "adminCounter"), number_at(member(card, "order"), "n"));
  const auto number = client::next_issuer_number(used, seconds_now());
  if (!number) {
    return client::Error{.fault = client::Fault::card,
                         .text = "the card has taken its issuer's last command",
                         .hint = "replace the card"};
  }
  const auto proof = issuer.prove(uid, command, *number);
  if (!proof) {
    return proof.why();
  }
  Bytes<kIssuerProofBytes> bytes{};
  Writer out{bytes};
  write_issuer_proof(*proof, out);
  return client::hex_of(bytes);
}

std::uint64_t seconds_now() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(since_1970).count());
}

}  // namespace countersign::cli
