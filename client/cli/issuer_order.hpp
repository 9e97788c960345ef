#pragma once

#include <string>
#include <string_view>

#include "console.hpp"
#include "countersign/card.hpp"
#include "countersign/client/locked.hpp"
#include "countersign/client/outcome.hpp"

namespace countersign::cli {

/// 16 hex digits.
[[nodiscard]] client::Outcome<CardUid> parse_card_uid(std::string_view text);

/// n and tag of one of the issuer's commands, as 40 hex digits (docs/protocol.md, section 10).
/// `issuer` is the issuer's key for all its cards.
[[nodiscard]] client::Outcome<std::string> issuer_order(const client::LockedKey& issuer,
                                                        const CardUid& uid, IssuerCommand command,
                                                        std::uint32_t n);

/// The n of the next command, given what the broker knows of the card: greater than all that were
/// used, as long as clocks go forward.
[[nodiscard]] std::uint32_t next_issuer_number(const Json& card);

}  // namespace countersign::cli
