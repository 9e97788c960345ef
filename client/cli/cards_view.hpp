#pragma once

#include <map>
#include <string>
#include <vector>

#include "console.hpp"
#include "watch_display.hpp"

namespace countersign::cli {

/// One of `cards` in the answer of listCards, as texts that may be shown as they are.
struct CardRow {
  std::string card;
  std::string identity;
  std::string standing;
  std::string place;  ///< `host, reader`; `-` if it was never seen
  std::string seen;   ///< `now`, or when it was there last
  std::string state;  ///< its life cycle
  std::string order;  ///< what is still to be done at it, or was last done
  bool changed = false;
};

/// What the broker said. What it left out is `-`.
[[nodiscard]] std::vector<CardRow> read_cards(const Json& data);

/// How each card was when it was last seen.
class CardMemory {
 public:
  /// Marks what has changed, and remembers.
  void mark(std::vector<CardRow>& cards);

 private:
  std::map<std::string, CardRow> last_;
};

/// `5 cards, 3 present; agents: desk-7 (2), door (away)`
[[nodiscard]] std::string totals_of_cards(const Json& data);
/// A table with headings; a * before a row that has changed.
[[nodiscard]] std::vector<std::string> table_of(const std::vector<CardRow>& cards);
/// What a person wants to know of one card, one line each.
[[nodiscard]] std::vector<Row> rows_of_card(const Json& card);

[[nodiscard]] std::unique_ptr<WatchDisplay> make_card_screen();
[[nodiscard]] std::unique_ptr<WatchDisplay> make_card_lines(const Console& console);

}  // namespace countersign::cli
