#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <cstdio>

#include "admin.hpp"
#include "answer_text.hpp"
#include "cards_view.hpp"
#include "command.hpp"
#include "countersign/client/card/card.hpp"
#include "hex_key_file.hpp"
#include "issuer_order.hpp"
#include "options.hpp"

namespace countersign::cli {
namespace {

/// A command about one card of the fleet, wherever it is.
class FleetCommand : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    app.add_option("UID", card_, "Which: 16 hex digits, as card info and card watch show them")
        ->type_name("")
        ->required();
    declare_more(app);
    add_json(app, console);
    connection_.declare(app);
  }

  int run(const Console& console) override {
    const auto uid = parse_card_uid(card_);
    if (!uid) {
      return console.fail(uid.why());
    }
    const client::Status ready = prepare();
    if (!ready) {
      return console.fail(ready.why());
    }
    auto admin = Admin::login(connection_);
    if (!admin) {
      return console.fail(admin.why());
    }
    const auto answer = act(*admin, *uid);
    return answer ? report(console, *answer) : console.fail(answer.why());
  }

 protected:
  [[nodiscard]] static Json command(std::string_view name, const CardUid& uid) {
    return {{"command", name}, {"card", client::hex_of(uid)}};
  }
  static void show(const Console& console, const Json& card) {
    for (const std::string& line : aligned(rows_of_card(card))) {
      console.line(line);
    }
  }

  [[nodiscard]] virtual int report(const Console& console, const Json& card) {
    if (console.json) {
      console.print(card);
    } else {
      show(console, card);
    }
    return 0;
  }

 private:
  virtual void declare_more(CLI::App& app) = 0;
  [[nodiscard]] virtual client::Status prepare() { return client::Done{}; }
  [[nodiscard]] virtual client::Outcome<Json> act(Admin& admin, const CardUid& uid) = 0;

  std::string card_;
  Connection connection_;
};

/// Where is it?
class CardLocate final : public FleetCommand {
  void declare_more(CLI::App& app) override {
    app.footer(
        "Asks every agent, each all its readers at once. Exit code 0: it is there now, and proved\n"
        "it; 1: it is in no reader of the fleet, and what was last known is printed.");
  }

  client::Outcome<Json> act(Admin& admin, const CardUid& uid) override {
    const auto start = std::chrono::steady_clock::now();
    auto answer = admin.run(command("locateCard", uid));
    took_ = std::chrono::steady_clock::now() - start;
    return answer;
  }

  int report(const Console& console, const Json& card) override {
    const bool found = card.value("found", false);
    if (console.json) {
      Json out = card;
      out["tookMs"] = std::chrono::duration<double, std::milli>(took_).count();
      console.print(out);
      return found ? 0 : 1;
    }
    show(console, card);
    if (!found) {
      console.note("it is in no reader of the fleet now");
      return 1;
    }
    std::array<char, 32> text{};
    static_cast<void>(std::snprintf(text.data(), text.size(), "%.1f ms",
                                    std::chrono::duration<double, std::milli>(took_).count()));
    console.note(std::string{"found in "} + text.data());
    return 0;
  }

  std::chrono::steady_clock::duration took_{};
};

/// What the issuer wants done at the card itself.
class IssuerCommandOptions {
 public:
  void declare(CLI::App& app, const char* what) {
    app.add_option("--issuer-key", path_, what)->type_name("FILE");
  }
  [[nodiscard]] client::Status open() {
    if (path_.empty()) {
      return client::Done{};
    }
    auto key = read_hex_key(path_);
    if (!key) {
      return key.why();
    }
    key_.emplace(std::move(*key));
    return client::Done{};
  }
  [[nodiscard]] bool given() const { return key_.has_value(); }
  /// `card` is what the broker knows of it.
  [[nodiscard]] client::Outcome<std::string> order(const CardUid& uid, IssuerCommand command,
                                                   const Json& card) const {
    return issuer_order(*key_, uid, command, card);
  }

 private:
  std::string path_;
  std::optional<client::IssuerKey> key_;
};

/// The broker first, at once; then the card.
class CardBlock final : public FleetCommand {
  void declare_more(CLI::App& app) override {
    app.add_option("--reason", reason_, "Words that stay with it")->type_name("TEXT");
    issuer_.declare(app, "Also deactivate the card itself, where it is or where it appears next");
    app.footer(
        "From that moment the broker refuses its identity, and its sessions end. --issuer-key\n"
        "is the file that card personalise was given.");
  }

  client::Status prepare() override { return issuer_.open(); }

  client::Outcome<Json> act(Admin& admin, const CardUid& uid) override {
    Json block = command("blockCard", uid);
    if (!reason_.empty()) {
      block["reason"] = reason_;
    }
    auto blocked = admin.run(block);
    if (!blocked || !issuer_.given()) {
      return blocked;
    }
    const auto order = issuer_.order(uid, IssuerCommand::deactivate, *blocked);
    if (!order) {
      return order.why();
    }
    block["order"] = *order;
    return admin.run(block);
  }

  int report(const Console& console, const Json& card) override {
    if (!console.json && !issuer_.given()) {
      console.hint("the card itself was not deactivated: --issuer-key FILE does that");
    }
    return FleetCommand::report(console, card);
  }

  std::string reason_;
  IssuerCommandOptions issuer_;
};

class CardUnblock final : public FleetCommand {
  void declare_more(CLI::App& app) override {
    issuer_.declare(app, "Also activate the card itself, where it is or where it appears next");
    app.footer(
        "A deactivation that no card has taken yet is withdrawn. For the holder's PIN, spent,\n"
        "see card unblock-pin.");
  }

  client::Status prepare() override { return issuer_.open(); }

  client::Outcome<Json> act(Admin& admin, const CardUid& uid) override {
    Json unblock = command("unblockCard", uid);
    if (issuer_.given()) {
      const auto known = admin.run(command("listCards", uid));
      if (!known) {
        return known.why();
      }
      const Json& cards = member(*known, "cards");
      const auto order =
          issuer_.order(uid, IssuerCommand::activate, cards.empty() ? Json{} : cards.front());
      if (!order) {
        return order.why();
      }
      unblock["order"] = *order;
    }
    return admin.run(unblock);
  }

  IssuerCommandOptions issuer_;
};

}  // namespace

std::unique_ptr<Command> make_card_locate() { return std::make_unique<CardLocate>(); }
std::unique_ptr<Command> make_card_block() { return std::make_unique<CardBlock>(); }
std::unique_ptr<Command> make_card_unblock() { return std::make_unique<CardUnblock>(); }

}  // namespace countersign::cli
