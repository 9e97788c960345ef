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
           {"state", name_of(info.life_cycle)},
           {"epoch", info.epoch},
           {"checksumCounter", info.checksum_counter},
           {"adminCounter", info.admin_counter}};
  if (is_personalised(info)) {
    out["identity"] = info.identity.text();
    out["pinTries"] = info.pin_tries;
    out["pukTries"] = info.puk_tries;
  }
  return out;
}

/// Every reader, and whose card is in it.
class CardList final : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    readers_.declare(app);
    add_json(app, console);
  }

  int run(const Console& console) override {
    const auto transports = readers_.transports();
    const auto readers = transports ? client::list_cards(*transports)
                                    : client::Outcome<std::vector<ReaderListing>>{transports.why()};
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

  ReaderOptions readers_;
};

/// What a card says of itself.
class CardShow final : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    app.add_option("CARD", card_, "Its UID or its reader [the only one there is]")->type_name("");
    readers_.declare(app);
    add_json(app, console);
  }

  int run(const Console& console) override {
    auto card = open_card(card_, readers_);
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
                          {"state", std::string{name_of(info.life_cycle)}},
                          {"epoch", std::to_string(info.epoch)},
                          {"checksums", std::to_string(info.checksum_counter)},
                          {"issuer's number", std::to_string(info.admin_counter)}};
    if (is_personalised(info)) {
      rows.push_back({"identity", std::string{info.identity.text()}});
      rows.push_back({"PIN tries", std::to_string(info.pin_tries)});
      rows.push_back({"PUK tries", std::to_string(info.puk_tries)});
    }
    return rows;
  }

  std::string card_;
  ReaderOptions readers_;
};

/// A new PIN, given the old one or the PUK.
class NewPin : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    app.add_option("CARD", card_, "Its UID or its reader [the only one there is]")->type_name("");
    pins_.declare(app);
    readers_.declare(app);
    add_json(app, console);
  }

  int run(const Console& console) override {
    auto card = open_card(card_, readers_);
    if (!card) {
      return console.fail(card.why());
    }
    const auto info = card->info();
    if (!info) {
      return console.fail(info.why());
    }
    const client::PinRequest request = request_for(*info);
    const auto right = pins_.source()(request);
    if (!right) {
      return console.fail(right.why());
    }
    const auto new_pin = pins_.ask_new("new PIN");
    if (!new_pin) {
      return console.fail(new_pin.why());
    }
    if (const client::Status done = change(*card, *right, *new_pin, least_tries(request)); !done) {
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
                                              const client::Pin& new_pin,
                                              std::uint8_t least_tries) const = 0;

  /// Only who was told that it is the last try has decided to spend it.
  static std::uint8_t least_tries(const client::PinRequest& request) {
    return request.tries_left == 1 ? 1 : 2;
  }

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
  ReaderOptions readers_;
};

class ChangePin final : public NewPin {
  client::PinKind right_kind() const override { return client::PinKind::pin; }
  client::Status change(Card& card, const client::Pin& right, const client::Pin& new_pin,
                        std::uint8_t least_tries) const override {
    return card.change_pin(right, new_pin, least_tries);
  }
};

class Unblock final : public NewPin {
  client::PinKind right_kind() const override { return client::PinKind::puk; }
  client::Status change(Card& card, const client::Pin& right, const client::Pin& new_pin,
                        std::uint8_t least_tries) const override {
    return card.unblock(right, new_pin, least_tries);
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
    Entry{"deactivate", "Block a card in a reader, as its issuer", make_card_deactivate},
    Entry{"activate", "Take that back", make_card_activate},
    Entry{"reset", "Erase a card, to be personalised again by its issuer", make_card_reset},
    Entry{"terminate", "Erase a card for good", make_card_terminate},
};

}  // namespace

std::span<const Entry> card_commands() { return kCommands; }

}  // namespace countersign::cli
