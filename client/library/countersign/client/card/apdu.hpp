#pragma once

#include <optional>

#include "countersign/client/card/card_error.hpp"
#include "countersign/crypto.hpp"

namespace countersign::client {

inline constexpr std::size_t kMaxShortData = 255;
inline constexpr std::size_t kMaxShortCommand = 4 + 1 + kMaxShortData + 1;

/// Instructions and parameters of docs/protocol.md, section 9.
struct Instruction {
  std::uint8_t ins = 0;
  std::uint8_t p1 = 0;
  std::uint8_t p2 = 0;
};
inline constexpr Instruction kSelect{0xA4, 0x04, 0x00};
inline constexpr Instruction kVerify{0x20, 0x00, 0x81};
inline constexpr Instruction kChangePin{0x24, 0x00, 0x81};
inline constexpr Instruction kResetRetry{0x2C, 0x00, 0x81};
inline constexpr Instruction kGetResponse{0xC0, 0x00, 0x00};
inline constexpr Instruction kHandshakeKey{0x88, 0x00, 0x01};
inline constexpr Instruction kPresence{0x88, 0x00, 0x02};
inline constexpr Instruction kChecksum{0x2A, 0x8E, 0x80};
inline constexpr Instruction kPersonalise{0xDB, 0x00, 0x01};
inline constexpr Instruction kFactoryReset{0xDB, 0x00, 0x02};
[[nodiscard]] constexpr Instruction get_data(std::uint8_t object) { return {0xCA, 0xDF, object}; }

/// One short command APDU (ISO 7816-4, 5.1). Wipes itself: it may hold a PIN.
class Apdu {
 public:
  /// Case 1 or 3; with `answer_bytes` (0 means up to 256) case 2 or 4.
  explicit Apdu(Instruction instruction, ByteView data = {},
                std::optional<std::uint8_t> answer_bytes = std::nullopt);
  Apdu(const Apdu&) = delete;
  Apdu& operator=(const Apdu&) = delete;
  ~Apdu() { wipe(bytes_); }

  [[nodiscard]] ByteView bytes() const { return ByteView{bytes_}.first(size_); }
  /// False if the data is too long; nothing may then be sent.
  [[nodiscard]] bool ok() const { return size_ != 0; }

 private:
  Bytes<kMaxShortCommand> bytes_{};
  std::size_t size_ = 0;
};

/// Data field that holds secrets: fills up front to back, wipes itself.
class SecretField {
 public:
  SecretField() = default;
  SecretField(const SecretField&) = delete;
  SecretField& operator=(const SecretField&) = delete;
  ~SecretField() { wipe(bytes_); }

  [[nodiscard]] Writer& writer() { return writer_; }
  [[nodiscard]] ByteView bytes() const { return writer_.written(); }

 private:
  Bytes<kMaxShortData> bytes_{};
  Writer writer_{bytes_};
};

/// What a status word means in general; commands that mean something else by it say so.
[[nodiscard]] CardFailure failure_of(std::uint16_t status);

/// The value of the first data object `tag` in `objects` (one-byte tags, lengths below 128).
/// Borrows. Nothing for what is not well formed up to there.
[[nodiscard]] std::optional<ByteView> find_object(ByteView objects, std::uint8_t tag);

}  // namespace countersign::client
