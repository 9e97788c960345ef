#include <unistd.h>

#include <CLI/CLI.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "admin.hpp"
#include "command.hpp"
#include "connection.hpp"
#include "countersign/client/card/card.hpp"
#include "countersign/client/card/issuer_key.hpp"
#include "countersign/client/key_file.hpp"
#include "hex_key_file.hpp"
#include "options.hpp"

namespace countersign::cli {
namespace {

using client::Error;
using client::Fault;

constexpr std::uint16_t kWrongTransportKey = 0x6982;

/// Makes k, brings it to T or into a file first, and then to the card: a card is written once, and
/// a key that nobody else knows would make it worthless.
class CardPersonalise final : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    app.add_option("IDENTITY", identity_, "Whose card it will be")->type_name("")->required();
    app.add_option("CARD", card_, "Its UID or its reader [the only one there is]")->type_name("");
    app.add_option("--transport-key", transport_path_,
                   "The key the card came with: a file of 64 hex digits, mode 0600; a card that "
                   "was reset needs none")
        ->type_name("FILE");
    app.add_option("--issuer-key", issuer_path_,
                   "The issuer's key, which can block the card: the same; made if there is none")
        ->type_name("FILE")
        ->required();
    app.add_flag("--pin-per-operation", each_time_, "The card wants its PIN each time");
    add_key_kind(app, kind_, "What the identity will be");
    app.add_option("--label", label_, "Words to register with it")->type_name("TEXT");
    auto* const register_flag =
        app.add_flag("--register", register_, "Register it in one go, as administrator");
    app.add_flag("--rekey", rekey_, "Give a registered identity this card, as administrator")
        ->excludes(register_flag);
    app.add_option("--key-out", key_out_,
                   "Write k to a key file for device register or rekey; delete it afterwards")
        ->type_name("FILE");
    add_json(app, console);
    connection_.declare(app);
    app.footer(
        "Asks for: the new PIN (4-16 characters), the new PUK (8-16), and the PIN of the\n"
        "administrator's card if --card names one, in this order.");
  }

  int run(const Console& console) override {
    if (!register_ && !rekey_ && key_out_.empty()) {
      return console.fail({.fault = Fault::usage,
                           .text = "nobody would know the card's key",
                           .hint = "--register or --rekey tell the broker, --key-out a file"});
    }
    const client::Status done = personalise(console);
    if (!done) {
      return console.fail(done.why());
    }
    report(console);
    return 0;
  }

 private:
  client::Status personalise(const Console& console) {
    auto card = open_card(card_, connection_.readers());
    if (!card) {
      return card.why();
    }
    if (client::Status fresh = check_fresh(*card); !fresh) {
      return fresh;
    }
    std::vector<client::LockedKey> transport;
    if (client::Status had = read_transport_key(transport); !had) {
      return had;
    }
    auto issuer_file = read_or_make_hex_key(issuer_path_);
    if (!issuer_file) {
      return issuer_file.why();
    }
    const client::IssuerKey issuer{std::move(*issuer_file)};
    const auto card_key = issuer.card_key(card->uid());
    auto reset_key = issuer.reset_key(card->uid());
    if (!card_key || !reset_key) {
      return card_key ? reset_key.why() : card_key.why();
    }
    if (was_issued_) {
      transport.push_back(std::move(*reset_key));
    }
    const auto pin = connection_.pins().ask_new("new PIN");
    if (!pin) {
      return pin.why();
    }
    const auto puk = connection_.pins().ask_new("new PUK");
    if (!puk) {
      return puk.why();
    }
    const auto key = client::make_key(identity_, kind_);
    if (!key) {
      return key.why();
    }
    if (client::Status known = make_known(*key); !known) {
      return known;
    }
    client::Status written = write(*card, transport,
                                   {.identity = key->identity,
                                    .key = key->key,
                                    .pin = *pin,
                                    .puk = *puk,
                                    .issuer_key = *card_key,
                                    .pin_per_operation = each_time_});
    return written ? written : settle(console, *card, written.why());
  }

  client::Status read_transport_key(std::vector<client::LockedKey>& out) const {
    if (!transport_path_.empty()) {
      auto key = read_hex_key(transport_path_);
      if (!key) {
        return key.why();
      }
      out.push_back(std::move(*key));
    } else if (!was_issued_) {
      return Error{.fault = Fault::usage,
                   .text = "--transport-key is missing",
                   .hint = "a card that was never personalised takes the key it came with"};
    }
    return client::Done{};
  }

  /// One key after the other: a wrong one is refused, and costs the card nothing.
  static client::Status write(client::Card& card, const std::vector<client::LockedKey>& transport,
                              const client::Personalisation& what) {
    client::Status written = client::Done{};
    for (const client::LockedKey& key : transport) {
      written = card.personalise(key, what);
      if (written || card.last_failure().status != kWrongTransportKey) {
        return written;
      }
    }
    return written;
  }

  client::Status check_fresh(client::Card& card) {
    const auto info = card.info();
    if (!info) {
      return info.why();
    }
    uid_ = client::hex_of(info->uid);
    was_issued_ = info->admin_counter > 0;
    if (info->life_cycle == LifeCycle::terminated) {
      return client::CardFailure{.what = client::CardError::terminated}.error();
    }
    if (info->life_cycle != LifeCycle::created) {
      return Error{
          .fault = Fault::card,
          .text = "card " + uid_ + " is personalised already",
          .hint = "take a new card; its issuer can erase this one: countersign card reset"};
    }
    return client::Done{};
  }

  client::Status make_known(const client::KeyFile& key) {
    if (!key_out_.empty()) {
      if (client::Status written = client::create_key_file(key_out_, key); !written) {
        return written;
      }
    }
    client::Status told = register_ || rekey_ ? tell_broker(key) : client::Done{};
    if (!told && !key_out_.empty()) {
      static_cast<void>(unlink(key_out_.c_str()));
    }
    return told;
  }

  client::Status tell_broker(const client::KeyFile& key) {
    auto admin = Admin::login(connection_);
    if (!admin) {
      return admin.why();
    }
    admin_.emplace(std::move(*admin));
    Json command{{"command", register_ ? "registerDevice" : "rekeyDevice"},
                 {"identity", identity_},
                 {"card", uid_}};
    if (register_) {
      command["kind"] = name_of(kind_);
      command["label"] = label_;
    }
    if (const auto done = admin_->run(command, &key.key); !done) {
      return done.why();
    }
    return client::Done{};
  }

  /// The card said no, or its answer was lost. Undoes what was done for it, unless the card did
  /// take the key.
  client::Status settle(const Console& console, client::Card& card, Error why) {
    const auto info = card.info();
    if (!info) {
      why.hint = "countersign card info tells whether it took its key; if not, " +
                 std::string{key_out_.empty() ? "try again with --rekey" : "delete " + key_out_};
      return why;
    }
    if (info->identity.text() == identity_) {
      console.note("the card's answer was lost, but it has its key");
      return client::Done{};
    }
    if (!key_out_.empty()) {
      static_cast<void>(unlink(key_out_.c_str()));
    }
    if (register_ && !admin_->run({{"command", "removeDevice"}, {"identity", identity_}})) {
      why.hint = "countersign device remove " + identity_ + " undoes its registration";
    } else if (rekey_) {
      why.hint = identity_ + " has no working key now: try again, or countersign device rekey";
    }
    return why;
  }

  void report(const Console& console) const {
    if (console.json) {
      console.print({{"uid", uid_},
                     {"identity", identity_},
                     {"registered", register_ || rekey_},
                     {"keyFile", key_out_}});
      return;
    }
    console.line("card " + uid_ + " is " + identity_ +
                 (register_ || rekey_ ? ", known to the broker" : ""));
    if (!key_out_.empty() && !register_ && !rekey_) {
      console.hint("next: countersign device register " + key_out_ + " --card-uid " + uid_ +
                   ", then delete " + key_out_);
    }
  }

  std::string identity_;
  std::string card_;
  std::string transport_path_;
  std::string issuer_path_;
  std::string label_;
  std::string key_out_;
  Kind kind_ = Kind::device;
  bool each_time_ = false;
  bool register_ = false;
  bool rekey_ = false;
  bool was_issued_ = false;  // it took commands of an issuer: a reset may be why it is blank
  Connection connection_;
  std::string uid_;
  std::optional<Admin> admin_;
};

}  // namespace

std::unique_ptr<Command> make_card_personalise() { return std::make_unique<CardPersonalise>(); }

}  // namespace countersign::cli
