#include <algorithm>

#include "engine/admin.hpp"
#include "engine/admin_json.hpp"
#include "engine/hex.hpp"

namespace countersign::engine {
namespace {

constexpr std::size_t kMaxPage = 1000;
constexpr const char* kNotFound = "Card not found";
constexpr const char* kBadOrder = "Invalid order: 40 hex digits";

/// What "order" holds, as the card is to get it; nothing if it is no such order.
std::optional<store::Order> order_at(const nlohmann::json& command, IssuerCommand instruction) {
  const auto bytes = bytes_in_hex<kIssuerProofBytes>(text_at(command, "order"));
  if (!bytes) {
    return std::nullopt;
  }
  Reader in{*bytes};
  store::Order order;
  order.instruction = instruction;
  order.proof = read_issuer_proof(in);
  return order;
}

/// What becomes of a card's order when its holder is blocked or unblocked: the new one, if there is
/// one; and nobody carries on what was to do the opposite.
std::optional<store::Order> next_order(const nlohmann::json& command, const KnownCard& card,
                                       IssuerCommand instruction) {
  if (command.contains("order")) {
    return order_at(command, instruction);
  }
  const bool opposite = card.order.waits() && card.order.instruction != instruction;
  return opposite ? std::optional{store::Order{}} : std::nullopt;
}

nlohmann::json describe(const store::Order& order, bool sent) {
  nlohmann::json out{{"instruction", word_of(order.instruction)}, {"n", order.proof.n}};
  out["state"] = sent ? "sent" : store::kOrderStateNames[static_cast<std::size_t>(order.state)];
  if (order.state == store::OrderState::refused) {
    out["status"] = hex_of(be16(order.status));
  }
  return out;
}

}  // namespace

/// Whoever has the card that a command names, if that is still who it was when the command came.
Principal* Admin::card_holder(const Json& command) {
  const auto uid = parse_card_uid(text_at(command, "card"));
  Principal* const holder = uid ? context_.registry.holder_of(*uid) : nullptr;
  return holder != nullptr && holder->identity == text_at(command, "identity") ? holder : nullptr;
}

/// Null for a card that nobody has.
Admin::Json Admin::describe_card(const CardUid& uid, Millis now) const {
  const Principal* const holder = context_.registry.holder_of(uid);
  if (holder == nullptr) {
    return {};
  }
  const KnownCard& card = *holder->card();
  Json out{{"card", card.uid},
           {"identity", holder->identity},
           {"kind", name_of(holder->kind)},
           {"standing", standing_text(*holder, now)}};
  if (!holder->particulars->reason.empty()) {
    out["reason"] = holder->particulars->reason;
  }
  if (card.sighting.seen_at != 0) {
    out["present"] = fleet_.is_present(uid, card);
    out["agent"] = card.sighting.agent;
    out["host"] = card.sighting.host;
    out["reader"] = card.sighting.reader;
    out["seenAt"] = card.sighting.seen_at;
    out["lifeCycle"] = name_of(card.sighting.life_cycle);
    out["adminCounter"] = card.sighting.admin_counter;
  }
  if (card.order.instruction != IssuerCommand::none) {
    out["order"] = describe(card.order, fleet_.is_sent(uid, card.order));
  }
  return out;
}

Admin::Effect Admin::list_cards(const Json& command, Millis now) {
  fleet_.sweep(now);
  std::vector<CardUid> shown;
  const auto wanted = parse_card_uid(text_at(command, "card"));
  for (const auto& [uid, holder] : context_.registry.cards()) {
    if (holder != nullptr && (!command.contains("card") || wanted == uid)) {
      shown.push_back(uid);
    }
  }
  const std::size_t first = std::min(count_at(command, "offset", 0), shown.size());
  const std::size_t asked = count_at(command, "count", kMaxPage);
  const std::size_t last = first + std::min({asked, kMaxPage, shown.size() - first});
  Effect effect;
  effect.data = {{"now", now},
                 {"totalCount", shown.size()},
                 {"cards", Json::array()},
                 {"agents", Json::array()}};
  for (std::size_t i = first; i < last; ++i) {
    effect.data["cards"].push_back(describe_card(shown[i], now));
  }
  for (const Principal* const agent : context_.registry.agents()) {
    effect.data["agents"].push_back({{"identity", agent->identity},
                                     {"connected", fleet_.is_connected(agent->identity)},
                                     {"cards", fleet_.cards_at(agent->identity)}});
  }
  return effect;
}

Admin::Effect Admin::locate_card(const Json& command, Millis now) {
  const Principal* const holder = card_holder(command);
  if (holder == nullptr) {
    return failed(kNotFound);
  }
  Effect effect;
  const CardUid uid = *parse_card_uid(text_at(command, "card"));
  effect.later = [this, uid, holder, now](std::function<void(Json)> answer) {
    const auto tell = [this, uid, answer = std::move(answer)](bool found, Millis then) {
      Json data = describe_card(uid, then);
      data["found"] = found;
      answer(std::move(data));
    };
    fleet_.locate(uid, *holder, tell, now);
  };
  return effect;
}

Admin::Effect Admin::block_card(const Json& command, Millis now) {
  Principal* const holder = card_holder(command);
  if (holder == nullptr) {
    return failed(kNotFound);
  }
  const auto order = next_order(command, *holder->card(), IssuerCommand::deactivate);
  if (command.contains("order") && !order) {
    return failed(kBadOrder);
  }
  Effect effect = lock(command, now, &Principal::blocked);
  if (!effect.error.empty()) {
    return effect;
  }
  const CardUid uid = *parse_card_uid(text_at(command, "card"));
  holder->card()->order = order.value_or(holder->card()->order);
  std::get<store::PutRecord>(*effect.change).order = order;
  fleet_.deliver(uid, *holder, now);
  effect.data_once_durable = [this, uid](Millis then) { return describe_card(uid, then); };
  return effect;
}

Admin::Effect Admin::unblock_card(const Json& command, Millis now) {
  Principal* const holder = card_holder(command);
  if (holder == nullptr) {
    return failed(kNotFound);
  }
  const auto order = next_order(command, *holder->card(), IssuerCommand::activate);
  if (command.contains("order") && !order) {
    return failed(kBadOrder);
  }
  Effect effect = unblock(command, now);
  const CardUid uid = *parse_card_uid(text_at(command, "card"));
  std::get<store::PutRecord>(*effect.change).order = order;
  effect.once_durable = [this, uid, order, apply = std::move(effect.once_durable)](Millis then) {
    apply(then);
    Principal* const still = context_.registry.holder_of(uid);
    if (then >= 0 && still != nullptr) {
      still->card()->order = order.value_or(still->card()->order);
      fleet_.deliver(uid, *still, then);
    }
  };
  effect.data_once_durable = [this, uid](Millis then) { return describe_card(uid, then); };
  return effect;
}

}  // namespace countersign::engine
