#include "cards_view.hpp"

#include <memory>
#include <tuple>

#include "answer_text.hpp"
#include "screen.hpp"

namespace countersign::cli {
namespace {

std::string text_at(const Json& object, std::string_view key) {
  const Json& value = member(object, key);
  return value.is_null() ? "-" : plain_text(value);
}

bool is_present(const Json& card) {
  const Json& present = member(card, "present");
  return present.is_boolean() && present.get<bool>();
}

std::string place_of(const Json& card) {
  return member(card, "host").is_null() ? "-"
                                        : text_at(card, "host") + ", " + text_at(card, "reader");
}

std::string order_of(const Json& card) {
  const Json& order = member(card, "order");
  if (order.is_null()) {
    return "-";
  }
  const Json& status = member(order, "status");
  return text_at(order, "instruction") + ": " + text_at(order, "state") +
         (status.is_null() ? "" : " (" + plain_text(status) + ")");
}

auto told_of(const CardRow& row) {
  return std::tie(row.identity, row.standing, row.place, row.state, row.order);
}

/// Whether it is there counts, not for how long it has been away.
bool same(const CardRow& a, const CardRow& b) {
  return told_of(a) == told_of(b) && (a.seen == "now") == (b.seen == "now");
}

class CardScreen final : public WatchDisplay {
 public:
  CardScreen() { resize(); }

  void show(const Json& data) override {
    cards_ = read_cards(data);
    totals_ = totals_of_cards(data);
    memory_.mark(cards_);
    if (first_) {
      for (CardRow& row : cards_) {
        row.changed = false;
      }
    }
    first_ = false;
    resize();
  }
  void show_status(const std::string& status) override {
    status_ = status;
    resize();
  }
  void resize() override {
    const Screen::Size size = Screen::size();
    std::vector<std::string> lines = table_of(cards_);
    lines.insert(lines.begin(), {totals_, status_});
    lines.resize(std::min(lines.size(), size.rows));
    for (std::string& line : lines) {
      line = cut(line, size.columns - 1);
    }
    Screen::show(lines);
  }
  void pause() override {
    screen_.pause();
    resize();
  }

 private:
  Screen screen_;
  std::vector<CardRow> cards_;
  CardMemory memory_;
  std::string totals_;
  std::string status_ = "waiting for the broker";
  bool first_ = true;
};

/// A line for each card that has changed.
std::vector<std::string> changes_of(const std::vector<CardRow>& cards, const std::string& now) {
  std::vector<std::string> lines;
  for (const CardRow& row : cards) {
    if (row.changed) {
      lines.push_back(now + " " + row.card + " " + row.identity + " " + row.standing + " " +
                      row.place + " " + row.seen + " " + row.state + " " + row.order);
    }
  }
  return lines;
}

}  // namespace

std::vector<CardRow> read_cards(const Json& data) {
  std::vector<CardRow> rows;
  for (const Json& card : member(data, "cards")) {
    rows.push_back({.card = text_at(card, "card"),
                    .identity = text_at(card, "identity"),
                    .standing = text_at(card, "standing"),
                    .place = place_of(card),
                    .seen = is_present(card) ? "now" : time_at(card, "seenAt"),
                    .state = text_at(card, "lifeCycle"),
                    .order = order_of(card)});
  }
  return rows;
}

void CardMemory::mark(std::vector<CardRow>& cards) {
  for (CardRow& row : cards) {
    const auto [place, fresh] = last_.try_emplace(row.card, row);
    row.changed = fresh || !same(place->second, row);
    place->second = row;
  }
}

std::string totals_of_cards(const Json& data) {
  std::size_t present = 0;
  for (const Json& card : member(data, "cards")) {
    present += is_present(card) ? 1U : 0U;
  }
  const std::string total = text_at(data, "totalCount");
  std::string out =
      total + (total == "1" ? " card, " : " cards, ") + std::to_string(present) + " present";
  std::string agents;
  for (const Json& agent : member(data, "agents")) {
    const Json& connected = member(agent, "connected");
    const bool here = connected.is_boolean() && connected.get<bool>();
    agents += (agents.empty() ? "; agents: " : ", ") + text_at(agent, "identity") + " (" +
              (here ? text_at(agent, "cards") : "away") + ")";
  }
  return out + agents;
}

std::vector<std::string> table_of(const std::vector<CardRow>& cards) {
  std::vector<Row> rows{{"  CARD", "IDENTITY", "STANDING", "WHERE", "SEEN", "STATE", "ORDER"}};
  for (const CardRow& row : cards) {
    rows.push_back({(row.changed ? "* " : "  ") + row.card, row.identity, row.standing, row.place,
                    row.seen, row.state, row.order});
  }
  return aligned(rows);
}

std::vector<Row> rows_of_card(const Json& card) {
  std::vector<Row> rows{{"card", text_at(card, "card")},
                        {"identity", text_at(card, "identity")},
                        {"standing", text_at(card, "standing")}};
  if (!member(card, "reason").is_null()) {
    rows.push_back({"reason", text_at(card, "reason")});
  }
  const bool seen = !member(card, "host").is_null();
  rows.push_back({is_present(card) ? "is in" : "was last in",
                  seen ? place_of(card) : "no reader of the fleet yet"});
  if (!member(card, "agent").is_null()) {
    rows.push_back({"agent", text_at(card, "agent")});
    rows.push_back({"seen", time_at(card, "seenAt")});
    rows.push_back({"state", text_at(card, "lifeCycle")});
  }
  if (!member(card, "order").is_null()) {
    rows.push_back({"order", order_of(card)});
  }
  return rows;
}

std::unique_ptr<WatchDisplay> make_card_screen() { return std::make_unique<CardScreen>(); }

std::unique_ptr<WatchDisplay> make_card_lines(const Console& console) {
  return make_line_display(console, [memory = CardMemory{}](const Json& data) mutable {
    std::vector<CardRow> cards = read_cards(data);
    memory.mark(cards);
    return changes_of(cards, time_at(data, "now"));
  });
}

}  // namespace countersign::cli
