#pragma once

#include <cstdint>
#include <optional>

#include "countersign/card.hpp"
#include "countersign/client/locked.hpp"
#include "countersign/client/outcome.hpp"

namespace countersign::client {

/// The issuer's one key, and what it makes for each card (docs/protocol.md, section 9).
class IssuerKey {
 public:
  explicit IssuerKey(LockedKey key) : key_{std::move(key)} {}

  /// Kiss: what the card itself holds.
  [[nodiscard]] Outcome<LockedKey> card_key(const CardUid& uid) const;
  /// The transport key that the card has after a factory reset.
  [[nodiscard]] Outcome<LockedKey> reset_key(const CardUid& uid) const;
  /// What a command carries.
  [[nodiscard]] Outcome<IssuerProof> prove(const CardUid& uid, IssuerCommand command,
                                           std::uint32_t n) const;

 private:
  LockedKey key_;
};

/// The number of an issuer who keeps no book: greater than the card's `last`, and no less than the
/// seconds since 1970. Nothing once the numbers are spent.
[[nodiscard]] std::optional<std::uint32_t> next_issuer_number(std::uint32_t last,
                                                              std::uint64_t seconds);

}  // namespace countersign::client
