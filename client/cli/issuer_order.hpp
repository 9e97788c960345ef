#pragma once

#include <string>
#include <string_view>

#include "console.hpp"
#include "countersign/card.hpp"
#include "countersign/client/card/issuer_key.hpp"
#include "countersign/client/outcome.hpp"

namespace countersign::cli {

/// 16 hex digits.
[[nodiscard]] client::Outcome<CardUid> parse_card_uid(std::string_view text);

/// n and tag of one of the issuer's commands, as 40 hex digits (docs/protocol.md, section 10).
/// `card` is what the broker knows of it: n is greater than all that were used.
[[nodiscard]] client::Outcome<std::string> issuer_order(const client::IssuerKey& issuer,
                                                        const CardUid& uid, IssuerCommand command,
                                                        const Json& card);

/// Of this host's clock: what an issuer without a book counts by.
[[nodiscard]] std::uint64_t seconds_now();

}  // namespace countersign::cli
