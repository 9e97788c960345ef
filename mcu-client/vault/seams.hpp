#pragma once

#include <cstdint>

#include "countersign/crypto.hpp"
#include "countersign/result.hpp"

/// What the vault asks of its surroundings: keys that do not show themselves, and numbers that
/// outlive a power cut.
namespace countersign::mcu {

/// One HMAC key in plain memory, made ready once and used often: two of the five compressions of a
/// short message are done beforehand.
class PreparedMac : public MacKey {
 public:
  /// \returns false if the backend fails; the key there was is then gone.
  [[nodiscard]] virtual bool prepare(const Key32& key) = 0;
  virtual void forget() = 0;

 protected:
  PreparedMac() = default;
  PreparedMac(const PreparedMac&) = default;
  PreparedMac& operator=(const PreparedMac&) = default;
  ~PreparedMac() = default;
};

/// The long-term key of this device, k or K_reg, in a key store. While it is being changed there
/// are two: the present one and the next.
class DeviceKey {
 public:
  [[nodiscard]] virtual const MacKey& present() const = 0;
  /// Null: none is waiting.
  [[nodiscard]] virtual const MacKey* next() const = 0;
  /// Stores the next key beside the present one, durably; the same one may be stored again.
  [[nodiscard]] virtual bool store_next(const Key32& key) = 0;
  /// Makes the next key the present one, durably, and destroys the old one.
  [[nodiscard]] virtual bool promote() = 0;
  /// Destroys the next key.
  [[nodiscard]] virtual bool drop_next() = 0;

 protected:
  DeviceKey() = default;
  DeviceKey(const DeviceKey&) = default;
  DeviceKey& operator=(const DeviceKey&) = default;
  ~DeviceKey() = default;
};

/// Numbers that never come twice, whenever the power goes.
class Numbers {
 public:
  /// The next epoch, above every one before; `expired` at the last.
  [[nodiscard]] virtual Result<std::uint32_t> next_epoch() = 0;
  /// The next number of a message, `least` or greater; `expired` at the last.
  [[nodiscard]] virtual Result<std::uint32_t> next_message(std::uint32_t least) = 0;
  /// The least that `next_message` would give: no number below it will ever be given.
  [[nodiscard]] virtual std::uint32_t upcoming() const = 0;
  /// The kid of the latest session under which readings were sent; 0: none.
  [[nodiscard]] virtual std::uint16_t last_kid() const = 0;
  [[nodiscard]] virtual bool note_kid(std::uint16_t kid) = 0;

 protected:
  Numbers() = default;
  Numbers(const Numbers&) = default;
  Numbers& operator=(const Numbers&) = default;
  ~Numbers() = default;
};

}  // namespace countersign::mcu
