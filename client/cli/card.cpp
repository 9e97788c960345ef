#include "countersign/client/card/card.hpp"

#include <CLI/CLI.hpp>
#include <array>

#include "command.hpp"
#include "key_options.hpp"
#include "options.hpp"

namespace countersign::cli {
namespace {

using client::Card;
using client::CardInfo;
using client::ReaderListing;

bool is_personalised(const CardInfo& info) { return !info.identity.empty(); }

std::string version_of(const CardInfo& info) {
  return std::to_string(info.version >> 8U) + "." + std::to_string(info.version & 0xFFU);
}

Json json_of(const CardInfo& info) {
  Json out{{"reader", info.reader},
           {"uid", client::hex_of(info.uid)},
           {"version", version_of(info)},
           {"state", name_of(info.life_cycle)}};
  if (is_personalised(info)) {
    out["identity"] = info.identity.text();
    out["epoch"] = info.epoch;
    out["checksumCounter"] = info.checksum_counter;
    out["adminCounter"] = info.admin_counter;
    out["pinTries"] = info.pin_tries;
    out["pukTries"] = info.puk_tries;
  }
  return out;
}

/// Every reader, and whose card is in it.
class CardList final : public Command {
 public:
  void declare(CLI::App& app, Console& console) override { add_json(app, console); }

  int run(const Console& console) override {
    const auto readers = client::list_cards();
    if (!readers) {
      return console.fail(readers.why());
    }
    if (console.json) {
      print(console, *readers);
      return 0;
    }
    std::vector<Row> rows{{"UID", "STATE", "IDENTITY", "READER"}};
    for (const ReaderListing& reader : *readers) {
      rows.push_back(row_of(reader));
    }
    for (const std::string& line : aligned(rows)) {
      console.line(line);
    }
    return 0;
  }

 private:
  static Row row_of(const ReaderListing& reader) {
    if (!reader.info) {
      const std::string what = reader.card_present ? reader.problem : "no card";
      return {"-", printable(what), "-", printable(reader.reader)};
    }
    const CardInfo& info = *reader.info;
    return {client::hex_of(info.uid), std::string{name_of(info.life_cycle)},
            is_personalised(info) ? std::string{info.identity.text()} : "-",
            printable(reader.reader)};
  }

  static void print(const Console& console, const std::vector<ReaderListing>& readers) {
    Json list = Json::array();
    for (const ReaderListing& reader : readers) {
      if (reader.info) {
        list.push_back(json_of(*reader.info));
      } else {
        list.push_back({{"reader", reader.reader},
                        {"cardPresent", reader.card_present},
                        {"problem", reader.problem}});
      }
    }
    console.print({{"readers", list}});
  }
};

/// What a card says of itself.
class CardShow final : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    app.add_option("CARD", card_, "Its UID or its reader [the only one there is]")->type_name("");
    add_json(app, console);
  }

  int run(const Console& console) override {
    auto card = client::find_card(card_choice(card_));
    if (!card) {
      return console.fail(card.why());
    }
    const auto info = card->info();
    if (!info) {
      return console.fail(info.why());
    }
    if (console.json) {
      console.print(json_of(*info));
      return 0;
    }
    for (const std::string& line : aligned(rows_of(*info))) {
      console.line(line);
    }
    return 0;
  }

 private:
  static std::vector<Row> rows_of(const CardInfo& info) {
    std::vector<Row> rows{{"reader", printable(info.reader)},
                          {"uid", client::hex_of(info.uid)},
                          {"version", version_of(info)},
                          {"state", std::string{name_of(info.life_cycle)}}};
    if (is_personalised(info)) {
      rows.push_back({"identity", std::string{info.identity.text()}});
      rows.push_back({"epoch", std::to_string(info.epoch)});
      rows.push_back({"checksums", std::to_string(info.checksum_counter)});
      rows.push_back({"PIN tries", std::to_string(info.pin_tries)});
      rows.push_back({"PUK tries", std::to_string(info.puk_tries)});
    }
    return rows;
  }

  std::string card_;
};

/// A new PIN, given the old one or the PUK.
class NewPin : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    app.add_option("CARD", card_, "Its UID or its reader [the only one there is]")->type_name("");
    pins_.declare(app);
    add_json(app, console);
  }

  int run(const Console& console) override {
    auto card = client::find_card(card_choice(card_));
    if (!card) {
      return console.fail(card.why());
    }
    const auto info = card->info();
    if (!info) {
      return console.fail(info.why());
    }
    const auto right = pins_.source()(request_for(*info));
    if (!right) {
      return console.fail(right.why());
    }
    const auto new_pin = pins_.ask_new("new PIN");
    if (!new_pin) {
      return console.fail(new_pin.why());
    }
    if (const client::Status done = change(*card, *right, *new_pin); !done) {
      return console.fail(done.why());
    }
    if (console.json) {
      console.print({{"uid", client::hex_of(card->uid())}, {"changed", true}});
    } else {
      console.line("card " + client::hex_of(card->uid()) + " has its new PIN");
    }
    return 0;
  }

 private:
  [[nodiscard]] virtual client::PinKind right_kind() const = 0;
  [[nodiscard]] virtual client::Status change(Card& card, const client::Pin& right,
                                              const client::Pin& new_pin) const = 0;

  [[nodiscard]] client::PinRequest request_for(const CardInfo& info) const {
    const bool puk = right_kind() == client::PinKind::puk;
    return {.kind = right_kind(),
            .card = client::hex_of(info.uid),
            .identity = std::string{info.identity.text()},
            .reader = info.reader,
            .tries_left = puk ? info.puk_tries : info.pin_tries};
  }

  std::string card_;
  PinInput pins_;
};

class ChangePin final : public NewPin {
  client::PinKind right_kind() const override { return client::PinKind::pin; }
  client::Status change(Card& card, const client::Pin& right,
                        const client::Pin& new_pin) const override {
    return card.change_pin(right, new_pin);
  }
};

class Unblock final : public NewPin {
  client::PinKind right_kind() const override { return client::PinKind::puk; }
  client::Status change(Card& card, const client::Pin& right,
                        const client::Pin& new_pin) const override {
    return card.unblock(right, new_pin);
  }
};

constexpr std::array kCommands{
    Entry{"list", "List readers and the cards in them", make_command<CardList>},
    Entry{"info", "Show what a card says of itself", make_command<CardShow>},
    Entry{"personalise", "Give a new card its identity, key, PIN and PUK, once",
          make_card_personalise},
    Entry{"change-pin", "Change the PIN", make_command<ChangePin>},
    Entry{"unblock-pin", "Give a card whose PIN is spent a new one, by its PUK",
          make_command<Unblock>},
    Entry{"locate", "Find a card in the fleet (as administrator)", make_card_locate},
    Entry{"block", "Refuse a card everywhere, at once (as administrator)", make_card_block},
    Entry{"unblock", "Take that back (as administrator)", make_card_unblock},
    Entry{"watch", "Show the fleet's cards as they come and go (as administrator)",
          make_card_watch},
};

}  // namespace

std::span<const Entry> card_commands() { return kCommands; }

}  // namespace countersign::cli
