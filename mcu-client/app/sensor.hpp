#pragma once

#include <cstdint>

namespace countersign::mcu {

/// What a mote measures, in hundredths: of a degree Celsius and of a percent.
struct Measurement {
  std::int32_t temperature = 0;
  std::int32_t humidity = 0;
};

/// Where measurements come from. A board with a real sensor supplies its own.
class Sensor {
 public:
  /// \returns false if there is none now.
  [[nodiscard]] virtual bool measure(Measurement& out) = 0;

 protected:
  Sensor() = default;
  Sensor(const Sensor&) = default;
  Sensor& operator=(const Sensor&) = default;
  ~Sensor() = default;
};

}  // namespace countersign::mcu
