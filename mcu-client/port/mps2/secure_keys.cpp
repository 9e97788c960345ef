#include "secure_keys.hpp"

#include "app/node_settings.hpp"
#include "forever.hpp"

namespace countersign::mcu {

ByteView fetch_own_settings(Settings& out) {
  static Bytes<kMaxSettingsBytes> told;
  const ByteView all = ByteView{told}.first(fetch_settings(told));
  return parse_settings(all, out) ? all : ByteView{};
}

SecureVault& secure_keys(const Settings& settings) {
  static Forever<SecureVault> vault{profile_of(settings)};
  return vault.value;
}

}  // namespace countersign::mcu
