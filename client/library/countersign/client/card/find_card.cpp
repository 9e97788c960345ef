#include <algorithm>

#include "countersign/client/card/card.hpp"

namespace countersign::client {
namespace {

Outcome<std::vector<ReaderState>> readers(const TransportFactory& transports) {
  std::vector<ReaderState> found;
  const auto transport = transports();
  if (const CardError failed = transport->list(found); failed != CardError::none) {
    return CardFailure{.what = failed}.error();
  }
  return found;
}

bool same_hex(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

bool is_meant(const CardChoice& choice, const Card& card) {
  return choice.uid.empty() || same_hex(choice.uid, hex_of(card.uid()));
}

Error not_one(const CardChoice& choice, std::size_t found, const Error& last) {
  if (found > 1) {
    return {Fault::card, std::to_string(found) + " cards are there: which one?",
            "name its UID or its reader; countersign card list shows them"};
  }
  if (!choice.uid.empty()) {
    return {Fault::card, "no card with UID " + choice.uid, "countersign card list shows them"};
  }
  return last;
}

}  // namespace

Outcome<std::vector<ReaderListing>> list_cards(const TransportFactory& transports) {
  const auto found = readers(transports);
  if (!found) {
    return found.why();
  }
  std::vector<ReaderListing> listings;
  for (const ReaderState& reader : *found) {
    ReaderListing listing{reader.name, reader.card_present, std::nullopt, {}};
    if (reader.card_present) {
      auto card = Card::open(transports(), reader.name);
      const auto info = card ? card->info() : Outcome<CardInfo>{card.why()};
      if (info) {
        listing.info = *info;
      } else {
        listing.problem = info.why().text;
      }
    }
    listings.push_back(std::move(listing));
  }
  return listings;
}

Outcome<Card> find_card(const CardChoice& choice, const TransportFactory& transports) {
  const auto found = readers(transports);
  if (!found) {
    return found.why();
  }
  Error last = CardFailure{.what = found->empty() || !choice.reader.empty() ? CardError::no_reader
                                                                            : CardError::no_card}
                   .error();
  std::vector<Card> cards;
  for (const ReaderState& reader : *found) {
    if (!choice.reader.empty() && reader.name != choice.reader) {
      continue;
    }
    if (!reader.card_present) {
      last = CardFailure{.what = CardError::no_card}.error();
      continue;
    }
    auto card = Card::open(transports(), reader.name);
    if (!card) {
      last = card.why();
    } else if (is_meant(choice, *card)) {
      cards.push_back(std::move(*card));
    }
  }
  if (cards.size() != 1) {
    return not_one(choice, cards.size(), last);
  }
  return std::move(cards.front());
}

}  // namespace countersign::client
