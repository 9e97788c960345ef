#pragma once

#include <cstddef>
#include <cstdint>

#include "countersign/bytes.hpp"

namespace countersign::mcu {

/// SMSC LAN9118 Ethernet, words by hand (no DMA). Knows nothing of what the frames carry.
class Lan9118 {
 public:
  /// Resets the chip and turns it on. \returns false if there is none that answers.
  [[nodiscard]] bool start();

  [[nodiscard]] Bytes<6> address() const;
  /// Whether the cable is in.
  [[nodiscard]] bool link() const;

  /// Opens a frame of `size` bytes to send. \returns false if the chip has no room now.
  [[nodiscard]] bool begin(std::size_t size);
  /// The next bytes of it, any number.
  void put(ByteView piece);
  void end();

  /// Takes back the chip's call; to be done before looking for frames, or a later one does not
  /// call.
  void acknowledge();
  /// Bytes of the frame that waits in front, its checksum included; 0: none.
  [[nodiscard]] std::size_t waiting() const;
  /// Starts to take that frame. \returns false if it arrived broken; it is to be thrown away.
  [[nodiscard]] bool take();
  /// Its next bytes. Every piece but the last is a multiple of 4 long and aligned to 4.
  void get(MutableBytes piece);
  /// Reads and forgets `size` bytes of it.
  void skip(std::size_t size);

 private:
  std::uint32_t held_ = 0;  // bytes that do not make a word yet
  std::uint32_t held_bits_ = 0;
};

}  // namespace countersign::mcu
