#include "countersign/keys.hpp"
#include "engine/hex.hpp"
#include "engine/registry.hpp"

namespace countersign::engine {

std::optional<CardUid> parse_card_uid(std::string_view text) {
  return bytes_in_hex<kCardUidBytes>(text);
}

void Registry::learn_card(Principal& principal, const std::string& card_uid) {
  const auto uid = parse_card_uid(card_uid);
  // an older version took any text: it is kept, and names no card
  const std::string text = uid ? hex_of(*uid) : card_uid;
  if (principal.card() != nullptr && principal.card()->uid != text) {
    forget_card(principal);
  }
  if (text.empty()) {
    return;
  }
  if (!principal.particulars) {
    principal.particulars = std::make_unique<Particulars>();
  }
  auto& card = principal.particulars->card;
  card = card ? std::move(card) : std::make_unique<KnownCard>();
  card->uid = text;
  if (expand(crypto_, principal.k.bytes(), "card cc", {}, card->checksum_key)) {
    principal.card_key = &card->checksum_key;
  }
  if (uid && holder_of(*uid) == nullptr) {
    cards_[*uid] = &principal;
  }
}

void Registry::learn_card(store::Card&& card) {
  const Principal* const principal = find(card.identity);
  KnownCard* const known = principal == nullptr ? nullptr : principal->card();
  if (known != nullptr && known->uid == card.uid) {
    known->sighting = std::move(card.sighting);
    known->order = card.order;
  }
}

void Registry::forget_card(Principal& principal) {
  principal.card_key = nullptr;
  if (principal.card() == nullptr) {
    return;
  }
  const auto uid = parse_card_uid(principal.card()->uid);
  if (uid && holder_of(*uid) == &principal) {
    cards_.erase(*uid);
  }
  principal.particulars->card.reset();
}

Principal* Registry::holder_of(const CardUid& uid) const {
  const auto found = cards_.find(uid);
  return found == cards_.end() ? nullptr : found->second;
}

bool Registry::claim_card(const CardUid& uid, const Principal* principal) {
  const auto [place, fresh] = cards_.try_emplace(uid, nullptr);
  return fresh || (principal != nullptr && place->second == principal);
}

void Registry::release_card(const CardUid& uid) {
  if (const auto found = cards_.find(uid); found != cards_.end() && found->second == nullptr) {
    cards_.erase(found);
  }
}

}  // namespace countersign::engine
