#include "mote_keys.hpp"

#include "app/node_settings.hpp"
#include "forever.hpp"

namespace countersign::mcu {

ByteView read_own_settings(const Flash& /*flash*/, Settings& out) {
  static Bytes<kMaxSettingsBytes> told;
  const ByteView all = ByteView{told}.first(fetch_settings(told));
  return parse_settings(all, out) ? all : ByteView{};
}

MoteKeys open_keys(Flash& /*flash*/, const Settings& settings) {
  static Forever<SecureVault> vault{profile_of(settings)};
  static SecureRandom random;
  return {.keys = &vault.value, .random = &random};
}

}  // namespace countersign::mcu
