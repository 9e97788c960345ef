#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "countersign/client/mqtt/link.hpp"
#include "countersign/client/session/live_session.hpp"
#include "countersign/receipt.hpp"

namespace countersign::client {

using PublishDone = std::function<void(const Outcome<Published>&)>;

/// A message from the moment it was given to us until its fate is known.
struct Letter {
  enum class Stage : std::uint8_t {
    waiting,   ///< to be sent, or sent again
    sent,      ///< no acknowledgement yet
    refused,   ///< by its acknowledgement; the notice that says why is awaited
    unproven,  ///< acknowledged, but only a receipt proves acceptance
    asked,     ///< a receipt that covers it was asked for
  };

  std::string topic;
  std::vector<std::byte> payload;
  std::vector<std::byte> props;  ///< signed properties as bytes
  PublishOptions options;
  PublishDone done;
  Stage stage = Stage::waiting;
  std::uint16_t kid = 0;  ///< 0: not signed yet
  SignedMessage wire;
  Refusal why = Refusal::none;  ///< as far as a notice told
  Millis deadline = 0;          ///< of the present stage; 0: none
  std::uint8_t attempts = 0;
};

/// The letters under way, in the order in which they came, and those that have just been settled
/// without proof. Decides what every acknowledgement, notice and receipt means for them. No MQTT,
/// no clock, not thread-safe.
class Outbox {
 public:
  explicit Outbox(bool acknowledgements_tell) : acks_tell_{acknowledgements_tell} {}

  [[nodiscard]] Ticket add(Letter letter);

  /// The first letter that is to be sent now, or 0: none waits, or enough are under way.
  [[nodiscard]] Ticket next() const;
  [[nodiscard]] Letter* find(Ticket ticket);
  /// It was signed and given to the connection.
  void left(Ticket ticket, Millis now, Millis patience);
  /// It cannot be sent: its end.
  void fail(Ticket ticket, const Error& why);

  void acknowledged(Ticket ticket, int code, Millis now);
  /// What a verified notice does to its letter.
  enum class Consequence : std::uint8_t { settled, renew, unknown };
  [[nodiscard]] Consequence noticed(std::uint16_t kid, const Notice& notice);
  void received(const Receipt& receipt);

  /// True if some letter can only be settled by a receipt that nobody has asked for yet.
  [[nodiscard]] bool wants_receipt(Millis now) const;
  /// A receipt is on its way: it will cover all that were sent by now.
  void asked_receipt(Millis now, Millis patience);

  /// The connection is gone: what was acknowledged waits for a receipt, the rest is sent again.
  void connection_ended();
  /// Letters under `kid` whose fate only the final receipt of that session tells.
  [[nodiscard]] bool has_unsettled(std::uint16_t kid) const;
  /// The final receipt of `kid`: what it does not hold is signed anew.
  void closed(const Receipt& last);
  /// No final receipt came: everything unsettled under `kid` is signed anew.
  void give_up(std::uint16_t kid);

  /// Ends letters whose time is over.
  void expire(Millis now);
  void fail_all(const Error& why);

  [[nodiscard]] std::size_t size() const { return letters_.size(); }

 private:
  using Letters = std::map<Ticket, Letter>;

  void settle(Letters::iterator letter, const Outcome<Published>& outcome);
  void accept(Letters::iterator letter, bool proven);
  void refuse(Letters::iterator letter);
  static void sign_anew(Letter& letter);
  [[nodiscard]] Letters::iterator find(std::uint16_t kid, std::uint32_t seq);
  [[nodiscard]] bool bring_back(std::uint16_t kid, std::uint32_t seq);

  /// T remembers the outcomes of 32 seqs, and our requests for receipts take some: whatever is sent
  /// again is among those (docs/protocol.md, section 1).
  static constexpr std::size_t kMaxUnderWay = 24;
  static constexpr std::size_t kRemembered = 64;
  static constexpr Millis kNoticePatience = 1000;

  bool acks_tell_;  // MQTT 5: a reason code says whether it was refused
  Ticket last_ = 0;
  Letters letters_;
  std::deque<Letter> unproven_;  // settled for their sender; enforcement may bring them back
};

}  // namespace countersign::client
