#pragma once

#include "app/sensor.hpp"
#include "flash/flash.hpp"

namespace countersign::mcu {

inline constexpr std::uint32_t kDataRecordBytes = 4;

/// Replays what a real mote measured, from flash: records of i16 temperature || u16 humidity, both
/// in hundredths, least significant byte first. After the last it begins again.
class ReplaySensor final : public Sensor {
 public:
  /// Borrows `flash`.
  ReplaySensor(const Flash& flash, std::uint32_t at, std::uint32_t count)
      : flash_{flash}, at_{at}, count_{count} {}

  /// The next reading is number `index` of the data set, counted round.
  void start_at(std::uint32_t index) { next_ = count_ == 0 ? 0 : index % count_; }

  [[nodiscard]] bool measure(Measurement& out) override {
    Bytes<kDataRecordBytes> record;
    if (count_ == 0 || !flash_.read(at_ + next_ * kDataRecordBytes, record)) {
      return false;
    }
    next_ = next_ + 1 == count_ ? 0 : next_ + 1;
    out.temperature = static_cast<std::int16_t>(number(record[0], record[1]));
    out.humidity = number(record[2], record[3]);
    return true;
  }

 private:
  static std::uint16_t number(std::byte low, std::byte high) {
    return static_cast<std::uint16_t>(std::to_integer<unsigned>(low) |
                                      std::to_integer<unsigned>(high) << 8U);
  }

  const Flash& flash_;
  std::uint32_t at_;
  std::uint32_t count_;
  std::uint32_t next_ = 0;
};

}  // namespace countersign::mcu
