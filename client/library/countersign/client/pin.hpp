#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "countersign/client/locked.hpp"
#include "countersign/client/outcome.hpp"

namespace countersign::client {

inline constexpr std::size_t kMinPinBytes = 4;
inline constexpr std::size_t kMinPukBytes = 8;
inline constexpr std::size_t kMaxPinBytes = 16;

/// What a person types: 4–16 printable ASCII characters (a PUK: 8–16), in locked memory.
/// Moves, never copies.
class Pin {
 public:
  /// `text` is the caller's to wipe. Refuses other lengths and characters.
  [[nodiscard]] static Outcome<Pin> from(std::string_view text);
  /// Stands for the one that is typed at the reader, and that this host never sees.
  [[nodiscard]] static Pin at_reader() { return {}; }

  [[nodiscard]] bool is_at_reader() const { return memory_.empty(); }
  [[nodiscard]] ByteView bytes() const { return memory_.bytes(); }

 private:
  LockedBuffer memory_;
};

enum class PinKind : std::uint8_t { pin, puk, new_pin };

/// Why a PIN is wanted, for the prompt.
struct PinRequest {
  PinKind kind = PinKind::pin;
  std::string card;      ///< UID in hex
  std::string identity;  ///< whose card it is; may be empty
  std::string reader;
  std::uint8_t tries_left = 0;  ///< 1: a wrong one blocks the card, so ask a person, not a file
  bool again = false;           ///< the one before was wrong
  bool pinpad = false;          ///< the reader takes it too: `Pin::at_reader`
};

/// Gives the PIN or says why not. May wait for a person: no transaction is open meanwhile.
using PinSource = std::function<Outcome<Pin>(const PinRequest&)>;

}  // namespace countersign::client
