#include <CLI/CLI.hpp>

#include "command.hpp"
#include "confirm.hpp"
#include "countersign/client/card/card.hpp"
#include "countersign/client/card/issuer_key.hpp"
#include "hex_key_file.hpp"
#include "issuer_order.hpp"
#include "key_options.hpp"
#include "options.hpp"

namespace countersign::cli {
namespace {

using client::Card;
using client::CardInfo;
using client::Error;
using client::Fault;
using client::IssuerKey;

/// What the issuer does to a card in a reader of this host.
class IssuerVerb : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    app.add_option("CARD", card_, "Its UID or its reader [the only one there is]")->type_name("");
    app.add_option("--issuer-key", issuer_path_,
                   "The issuer's key: a file of 64 hex digits, mode 0600")
        ->type_name("FILE")
        ->required();
    if (!warning().empty()) {
      app.add_flag("--yes", yes_, "Do not ask whether it is meant");
    }
    readers_.declare(app);
    add_json(app, console);
  }

  int run(const Console& console) override {
    auto key = read_hex_key(issuer_path_);
    if (!key) {
      return console.fail(key.why());
    }
    auto card = open_card(card_, readers_);
    if (!card) {
      return console.fail(card.why());
    }
    const client::Status done = act(*card, IssuerKey{std::move(*key)});
    if (!done) {
      return console.fail(done.why());
    }
    return report(console, *card);
  }

 private:
  /// What cannot be taken back, or nothing.
  [[nodiscard]] virtual std::string warning() const { return {}; }
  [[nodiscard]] virtual IssuerCommand command() const = 0;
  [[nodiscard]] virtual client::Status send(Card& card, const IssuerProof& proof) const {
    return card.issuer_command(command(), proof);
  }

  client::Status act(Card& card, const IssuerKey& key) const {
    const auto info = card.info();
    if (!info) {
      return info.why();
    }
    if (client::Status meant = check_meant(*info); !meant) {
      return meant;
    }
    const auto number = client::next_issuer_number(info->admin_counter, seconds_now());
    if (!number) {
      return Error{Fault::card, "the card has taken its issuer's last command", "replace the card"};
    }
    const auto proof = key.prove(info->uid, command(), *number);
    return proof ? send(card, *proof) : proof.why();
  }

  client::Status check_meant(const CardInfo& info) const {
    if (warning().empty() || yes_) {
      return client::Done{};
    }
    const std::string whose =
        info.identity.empty() ? "" : " of " + std::string{info.identity.text()};
    return confirm("Card " + client::hex_of(info.uid) + whose + " " + warning() + ".", "--yes");
  }

  static int report(const Console& console, Card& card) {
    const auto info = card.info();
    if (!info) {
      return console.fail(info.why());
    }
    const std::string uid = client::hex_of(info->uid);
    if (console.json) {
      console.print({{"uid", uid},
                     {"state", name_of(info->life_cycle)},
                     {"adminCounter", info->admin_counter}});
    } else {
      console.line("card " + uid + " is " + std::string{name_of(info->life_cycle)});
    }
    return 0;
  }

  std::string card_;
  std::string issuer_path_;
  ReaderOptions readers_;
  bool yes_ = false;
};

class Deactivate final : public IssuerVerb {
  IssuerCommand command() const override { return IssuerCommand::deactivate; }
};

class Activate final : public IssuerVerb {
  IssuerCommand command() const override { return IssuerCommand::activate; }
};

class Terminate final : public IssuerVerb {
  std::string warning() const override { return "will be useless for good, its keys erased"; }
  IssuerCommand command() const override { return IssuerCommand::terminate; }
};

class FactoryReset final : public IssuerVerb {
  std::string warning() const override {
    return "loses its identity, keys, PIN and PUK, and can be personalised again";
  }
  IssuerCommand command() const override { return IssuerCommand::external_authenticate; }
  client::Status send(Card& card, const IssuerProof& proof) const override {
    return card.factory_reset(proof);
  }
};

}  // namespace

std::unique_ptr<Command> make_card_deactivate() { return std::make_unique<Deactivate>(); }
std::unique_ptr<Command> make_card_activate() { return std::make_unique<Activate>(); }
std::unique_ptr<Command> make_card_terminate() { return std::make_unique<Terminate>(); }
std::unique_ptr<Command> make_card_reset() { return std::make_unique<FactoryReset>(); }

}  // namespace countersign::cli
