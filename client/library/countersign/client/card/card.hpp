#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "countersign/aplus.hpp"
#include "countersign/card.hpp"
#include "countersign/client/card/transport.hpp"
#include "countersign/client/key_source.hpp"
#include "countersign/client/pin.hpp"

namespace countersign::client {

[[nodiscard]] std::string hex_of(ByteView bytes);

struct CardInfo {
  std::string reader;
  CardUid uid{};
  std::uint16_t version = 0;  ///< major in the high byte
  std::uint8_t capabilities = 0;
  LifeCycle life_cycle = LifeCycle::created;
  std::uint32_t epoch = 0;
  std::uint32_t checksum_counter = 0;
  std::uint32_t admin_counter = 0;  ///< the number of the issuer's last command
  // from here on only of a card that has a holder: active or deactivated
  Identity identity;
  std::uint8_t pin_tries = 0;
  std::uint8_t puk_tries = 0;
};

/// What is written to a card once.
struct Personalisation {
  Identity identity;
  const LockedKey& key;  ///< k, also to be registered with T
  const Pin& pin;
  const Pin& puk;
  const LockedKey& issuer_key;  ///< Kiss, the card's own (`IssuerKey::card_key`)
  bool pin_per_operation = false;
};

class CardSession;

/// One Countersign card in one reader. Each function is one transaction that begins with SELECT and
/// checks the UID; after a reset by somebody else it is tried once more, unless VERIFY itself was
/// cut off. One thread.
class Card {
 public:
  /// Connects and selects. If a PIN was sent, the card is reset when this object ends.
  [[nodiscard]] static Outcome<Card> open(std::unique_ptr<CardTransport> transport,
                                          std::string reader);
  Card(Card&&) noexcept;
  Card& operator=(Card&&) noexcept;
  ~Card();

  [[nodiscard]] const CardUid& uid() const;
  [[nodiscard]] const std::string& reader() const;
  [[nodiscard]] Outcome<CardInfo> info();

  /// Whether the reader has keys: `Pin::at_reader` then lets the person type there.
  [[nodiscard]] bool has_pinpad();

  /// Checks the PIN, alone. A wrong one says how many tries are left.
  [[nodiscard]] Status verify(const Pin& pin);
  /// Nothing is sent if fewer than `least_tries` are left (`last_failure` says `last_try`).
  [[nodiscard]] Status change_pin(const Pin& old_pin, const Pin& new_pin,
                                  std::uint8_t least_tries = 1);
  [[nodiscard]] Status unblock(const Pin& puk, const Pin& new_pin, std::uint8_t least_tries = 1);

  /// DEACTIVATE, ACTIVATE or TERMINATE. The card takes each number once.
  [[nodiscard]] Status issuer_command(IssuerCommand command, const IssuerProof& proof);
  /// Erases the holder's keys, PIN and identity; `proof` is one for EXTERNAL AUTHENTICATE.
  [[nodiscard]] Status factory_reset(const IssuerProof& proof);
  /// The card's proof that it is there, which needs no PIN.
  [[nodiscard]] Outcome<Presence> presence(const CardChallenge& challenge);

  /// Only a card without a holder takes this, sealed under its transport key.
  [[nodiscard]] Status personalise(const LockedKey& transport_key, const Personalisation& what);

  /// The key of the next handshake; the card raises its epoch first. PIN and command go in one
  /// transaction; the PIN is not sent if fewer than `least_tries` are left (`last_failure` says
  /// `last_try`).
  [[nodiscard]] Outcome<HandshakeKey> handshake_key(std::string_view server_id, const Pin& pin,
                                                    std::uint8_t least_tries = 1);
  /// Signs one digest under the next card counter. The PIN as above.
  [[nodiscard]] Outcome<Checksum> checksum(const Digest& digest, const Pin& pin,
                                           std::uint8_t least_tries = 1);

  /// What the last function that failed met, for who decides by it.
  [[nodiscard]] const CardFailure& last_failure() const;

 private:
  explicit Card(std::unique_ptr<CardSession> session);

  std::unique_ptr<CardSession> session_;
};

/// Which card: by UID (hex) or by reader; neither: the only one there is.
struct CardChoice {
  std::string uid;
  std::string reader;
};

/// Every reader; `info` of those that hold a card of ours, else why not.
struct ReaderListing {
  std::string reader;
  bool card_present = false;
  std::optional<CardInfo> info;
  std::string problem;
};
[[nodiscard]] Outcome<std::vector<ReaderListing>> list_cards(
    const TransportFactory& transports = make_pcsc_transport);

/// Opens the card that `choice` means; says which ones there are if it means none or several.
[[nodiscard]] Outcome<Card> find_card(const CardChoice& choice,
                                      const TransportFactory& transports = make_pcsc_transport);

}  // namespace countersign::client
