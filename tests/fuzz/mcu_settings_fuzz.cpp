/// The settings of a device, as they stand behind their CRC: what is understood is written the same
/// way again.

#include <array>

#include "countersign/identity.hpp"
#include "flash/provisioning.hpp"
#include "fuzz/input.hpp"

namespace countersign::fuzz {

void run(Input in) {
  mcu::Settings settings;
  if (!mcu::parse_settings(in.rest(), settings)) {
    return;
  }
  require(is_identity(settings.identity) && is_identity(settings.server_id));
  std::array<std::byte, 4 * mcu::kMaxSettingsBytes> room{};
  Writer out{room};
  mcu::write_settings(settings, out);
  mcu::Settings again;
  require(!out.ok() || mcu::parse_settings(out.written(), again));
  require(!out.ok() || (again.identity == settings.identity && again.topic == settings.topic &&
                        again.word_count == settings.word_count));
}

}  // namespace countersign::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  countersign::fuzz::run({data, size});
  return 0;
}
