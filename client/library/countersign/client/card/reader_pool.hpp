#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "countersign/card.hpp"
#include "countersign/client/card/transport.hpp"

namespace countersign::client {

/// What was found in a reader.
struct CardSighting {
  std::string reader;
  std::optional<CardUid> uid;  ///< only of a card of ours
  LifeCycle life_cycle = LifeCycle::none;
  CardFailure why;  ///< why there is no `uid`
};

/// What came of an order, as a card report says it.
struct CardAnswer {
  bool here = false;
  /// The card's word on the issuer's command, 9000 without one; on the proof, if it gave none.
  std::uint16_t status = 0x6A82;
  Presence presence;   ///< zero if the card gave none
  std::string reader;  ///< where it is
};

/// The readers of one host, each with a thread and a connection of its own: they are asked side by
/// side, and one that hangs, or that another application holds, stops nobody but itself.
///
/// Any thread may call. Callbacks come from the pool's threads, once each, and must not wait.
class ReaderPool {
 public:
  static constexpr std::chrono::milliseconds kCarryLimit{1500};

  explicit ReaderPool(TransportFactory transports = make_pcsc_transport,
                      std::chrono::milliseconds carry_limit = kCarryLimit);
  ReaderPool(const ReaderPool&) = delete;
  ReaderPool& operator=(const ReaderPool&) = delete;
  /// Nobody is called afterwards. Readers that hang hold this up for two seconds, not longer.
  ~ReaderPool();

  void add(const std::string& reader);
  /// What waits for this reader is answered without it.
  void remove(const std::string& reader);
  /// The card in there went, or another came: it has to be identified anew.
  void forget(const std::string& reader);

  /// Whose card is in there.
  void identify(const std::string& reader, const std::function<void(const CardSighting&)>& done);

  /// Asks all readers at once, but for those in which another card was identified. Where the card
  /// is first found, it gets the issuer's command, if there is one, and then its challenge, in one
  /// transaction. Answered then, or when all others have said no, or when the time is over: what
  /// has not begun by then is not done any more.
  void carry(const CardOrder& order, std::function<void(const CardAnswer&)> done);

 private:
  class Desk;

  std::unique_ptr<Desk> desk_;
};

}  // namespace countersign::client
