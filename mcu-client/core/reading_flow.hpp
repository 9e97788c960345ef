#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/ring.hpp"
#include "countersign/receipt.hpp"

namespace countersign::mcu {

/// How many readings may be under way without PUBACK, and how many without a receipt
/// (docs/protocol.md, section 3: at most 48).
inline constexpr std::size_t kInFlight = 4;
inline constexpr std::uint32_t kMaxUnreceipted = 48;
/// A receipt speaks of 64 numbers: what was sent stays within so many of the oldest that waits.
inline constexpr std::uint32_t kMaxSpan = 60;

/// What is no reading stays within so many, so that there is room to ask for the receipt twice.
inline constexpr std::uint32_t kMaxToldSpan = 40;

/// A reading on its way, by its packet id.
struct InFlight {
  std::uint16_t id = 0;  ///< 0: free
  Waiting reading;
};

/// Which readings of the ring are sent when, and which leave it: in rising order, each under its
/// own number, at most `kMaxUnreceipted` ahead of what T confirms. PUBACK is not acceptance; only a
/// receipt, or a notice that T has or will never have it, takes a reading out of the ring. What T
/// did not take waits for the next session. Not thread-safe.
class ReadingFlow {
 public:
  explicit ReadingFlow(Ring& ring) : ring_{ring} {}

  /// A new session: every reading of the ring is to be sent under it.
  void begin();

  /// The next one to send. \returns false if none is, or none may be now.
  [[nodiscard]] bool next(Waiting& out);
  /// It was sent; `id` 0: nobody will acknowledge it.
  void sent(const Waiting& reading, std::uint16_t id);
  /// A message that is no reading was sent with this number.
  void spent(std::uint32_t number);

  /// True if a message took a greater number since: this one can no more be sent in its order.
  [[nodiscard]] bool overtaken(std::uint32_t number) const { return any_used_ && number < newest_; }

  /// PUBACK.
  void acknowledged(std::uint16_t id);
  /// After a reconnect: the readings under way, oldest first, to be sent again with their ids.
  [[nodiscard]] const std::array<InFlight, kInFlight>& in_flight() const { return in_flight_; }
  [[nodiscard]] bool knows(std::uint16_t id) const;

  /// T's receipt of the present session, or with `final` the last one of the session before.
  /// \returns false if the flash fails.
  [[nodiscard]] bool received(const Receipt& receipt, bool final);
  /// T's notice about one number. \returns true if a reading leaves the ring without delivery.
  [[nodiscard]] bool noticed(const Notice& notice);

  /// The number for a message that is no reading. \returns false if none is free now. If
  /// `from_counter` is set, it is still to be taken there, `number` being the least.
  [[nodiscard]] bool control_number(std::uint32_t upcoming, std::uint32_t& number,
                                    bool& from_counter);

  /// False if so many numbers were used since the oldest reading without a receipt that the next
  /// ones are for asking for it.
  [[nodiscard]] bool may_tell() const {
    return unreceipted_ == 0 || newest_ - oldest_ < kMaxToldSpan;
  }

  /// Readings sent whose fate is not known.
  [[nodiscard]] std::uint32_t unreceipted() const { return unreceipted_; }
  /// Readings that T did not take in this session.
  [[nodiscard]] std::uint32_t held() const { return held_; }
  /// True if a reading waits that was not sent in this session.
  [[nodiscard]] bool has_unsent() const;
  [[nodiscard]] bool has_any() const;

 private:
  [[nodiscard]] bool unsent(Waiting& out) const;
  [[nodiscard]] bool control_before(std::uint32_t number) const;
  void forget(std::uint32_t number);
  void count_from(std::uint32_t edge);
  void end_flight(std::uint32_t edge);

  Ring& ring_;
  std::array<InFlight, kInFlight> in_flight_{};
  Waiting last_{};            // the last reading sent in this session
  std::uint32_t newest_ = 0;  // the greatest number used in this session, readings or not
  std::uint32_t oldest_ = 0;  // the oldest that is unreceipted
  std::uint32_t unreceipted_ = 0;
  std::uint32_t held_ = 0;
  bool any_ = false;       // a reading was sent in this session
  bool any_used_ = false;  // a number was
};

}  // namespace countersign::mcu
