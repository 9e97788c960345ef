/// A card that answers whatever it likes: an answer is understood, or the command fails in words.
///   1     bits 0–3: which command, by the order of kCommands
///         bit 7: SELECT is not answered rightly
///   1+n   what the card answers, one after the other: data and status word; its reader answers so
///         too
///   …

#include <array>
#include <memory>

#include "countersign/client/card/card.hpp"
#include "fuzz/input.hpp"
#include "unit/octets.hpp"

namespace countersign::fuzz {
namespace {

using client::Card;
using client::CardError;

/// What SELECT is answered by an active card of ours.
constexpr std::string_view kControlInformation =
    "6f1f8407f0435349474e01a5148002010081010182080102030405060708830105"
    "9000";

/// What the reader saw, for it ends with the card.
struct Seen {
  bool cut_short = false;  ///< an answer had no status word
};

/// A reader whose card speaks the fuzzer's words; when they are spent it is pulled.
class HostileReader final : public client::CardTransport {
 public:
  HostileReader(Input words, bool selects, Seen& seen)
      : words_{words}, selects_{selects}, seen_{seen} {}

  CardError list(std::vector<client::ReaderState>& out) override {
    out = {{"reader", true}};
    return CardError::none;
  }
  CardError connect(const std::string&) override { return CardError::none; }
  CardError reconnect() override { return CardError::none; }
  CardError begin() override { return CardError::none; }
  void end() override {}
  void disconnect(bool) override {}

  CardError transmit(ByteView command, std::vector<std::byte>& answer) override {
    constexpr std::byte kSelect{0xA4};
    require(command.size() >= 4);
    if (selects_ && command[1] == kSelect) {
      answer = test::from_hex(kControlInformation);
      return CardError::none;
    }
    if (words_.done()) {
      return CardError::no_card;
    }
    answer = test::octets(words_.field());
    seen_.cut_short = seen_.cut_short || answer.size() < 2;
    return CardError::none;
  }

  CardError control(std::uint32_t, ByteView, std::vector<std::byte>& answer) override {
    if (words_.done()) {
      return CardError::no_card;
    }
    answer = test::octets(words_.field());
    return CardError::none;
  }

 private:
  Input words_;
  bool selects_;
  Seen& seen_;
};

const client::Pin& pin() {
  static const auto kPin = client::Pin::from("12345678");
  return *kPin;
}

bool tell(Card& card) {
  const auto info = card.info();
  const bool held =
      info && (info->life_cycle == LifeCycle::active || info->life_cycle == LifeCycle::deactivated);
  require(!held || !info->identity.empty());
  return static_cast<bool>(info);
}

bool verify(Card& card) { return static_cast<bool>(card.verify(pin())); }
bool change_pin(Card& card) { return static_cast<bool>(card.change_pin(pin(), pin())); }
bool unblock(Card& card) { return static_cast<bool>(card.unblock(pin(), pin())); }

bool shake_hands(Card& card) {
  const auto key = card.handshake_key("plant-a", pin());
  require(!key || (key->epoch > 0 && key->epoch <= kMaxEpoch));
  return static_cast<bool>(key);
}

bool sign(Card& card) { return static_cast<bool>(card.checksum(Digest{}, pin(), 2)); }

bool prove(Card& card) { return static_cast<bool>(card.presence({})); }

bool obey(Card& card) {
  return static_cast<bool>(card.issuer_command(IssuerCommand::deactivate, {.n = 5, .tag = {}}));
}

bool reset(Card& card) { return static_cast<bool>(card.factory_reset({.n = 5, .tag = {}})); }

bool type_pin(Card& card) { return static_cast<bool>(card.verify(client::Pin::at_reader())); }

constexpr std::array kCommands{tell, verify, change_pin, unblock, shake_hands,
                               sign, prove,  obey,       reset,   type_pin};

}  // namespace

void run(Input in) {
  const std::uint8_t how = in.byte();
  Seen seen;
  auto card = Card::open(std::make_unique<HostileReader>(in, (how & 0x80U) == 0, seen), "reader");
  if (!card) {
    require(!card.why().text.empty());
    return;
  }
  require(card->uid().size() == kCardUidBytes);
  const bool done = kCommands[(how & 15U) % kCommands.size()](*card);
  // half an answer is none
  require(!done || !seen.cut_short);
  require(done || !card->last_failure().error().text.empty());
}

}  // namespace countersign::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  countersign::fuzz::run({data, size});
  return 0;
}
