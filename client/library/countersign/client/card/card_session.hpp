#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "countersign/client/card/apdu.hpp"
#include "countersign/client/card/card.hpp"

namespace countersign::client {

/// A card's answer without its status word. Wipes itself: it may hold a handshake key.
class Answer {
 public:
  Answer() = default;
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;
  ~Answer() { wipe(bytes_); }

  [[nodiscard]] ByteView data() const { return {bytes_.data(), bytes_.size() - kStatusBytes}; }
  [[nodiscard]] std::uint16_t status() const;

 private:
  friend class Card;
  friend class CardSession;
  static constexpr std::size_t kStatusBytes = 2;

  std::vector<std::byte> bytes_ = std::vector<std::byte>(kStatusBytes);
};

/// Why a card in this state does nothing for a holder.
[[nodiscard]] CardError error_of(LifeCycle state);

/// The connection to one card over any number of transactions: survives resets by others, notices
/// another card, says what happened to the last command.
class CardSession {
 public:
  using Work = std::function<CardFailure()>;

  CardSession(std::unique_ptr<CardTransport> transport, std::string reader);
  CardSession(const CardSession&) = delete;
  CardSession& operator=(const CardSession&) = delete;
  ~CardSession();

  /// Runs `work` in one transaction, behind SELECT and the check of the UID. If somebody reset the
  /// card it runs once more, but not if the reset may have cut off a VERIFY.
  [[nodiscard]] CardFailure run(const Work& work);

  /// Inside `run`: one command and its answer; fetches what T=0 keeps back.
  [[nodiscard]] CardFailure exchange(const Apdu& command, Answer& answer);
  /// Inside `run`: GET DATA of an object that is a number.
  [[nodiscard]] CardFailure read_number(std::uint8_t object, std::uint32_t& out);
  /// Inside `run`: a command that may spend one of the PIN's tries.
  [[nodiscard]] CardFailure exchange_pin(const Apdu& command);
  /// Inside `run`: VERIFY, unless fewer than `least_tries` are left.
  [[nodiscard]] CardFailure verify(const Pin& pin, std::uint8_t least_tries);
  /// Inside `run`: whether the reader has keys for a PIN. Asked once.
  [[nodiscard]] bool has_pinpad();
  [[nodiscard]] CardFailure tries_left(std::uint8_t& pin, std::uint8_t& puk);

  /// What SELECT said.
  [[nodiscard]] const CardInfo& selected() const { return selected_; }

  /// Keeps the failure and gives it as an error.
  [[nodiscard]] Error fail(const CardFailure& failure);
  [[nodiscard]] const CardFailure& last_failure() const { return last_; }

 private:
  [[nodiscard]] CardFailure verify_at_reader();
  [[nodiscard]] CardFailure enter();
  [[nodiscard]] CardFailure select();
  [[nodiscard]] CardFailure run_once(const Work& work);
  [[nodiscard]] CardError connect_patiently();
  [[nodiscard]] CardError transmit(const Apdu& command, std::vector<std::byte>& answer);

  std::unique_ptr<CardTransport> transport_;
  CardInfo selected_;
  CardFailure last_;
  std::optional<std::uint32_t> pinpad_;  // the control code of its VERIFY
  bool pinpad_asked_ = false;
  bool connected_ = false;
  bool known_ = false;          // the UID was seen once
  bool pin_sent_ = false;       // ever: reset the card at the end
  bool pin_uncertain_ = false;  // the command that was cut off may have spent a try
};

}  // namespace countersign::client
