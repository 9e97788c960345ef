#include "vault/psa_device_key.hpp"

#include "vault/midstate_mac.hpp"

namespace countersign::mcu {
namespace {

constexpr std::uint16_t kRecord = id_of(VaultRecord::keys);

bool is_device_key(std::byte id) {
  return id == std::byte{kFirstDeviceKey} || id == std::byte{kFirstDeviceKey + 1};
}

}  // namespace

bool PsaDeviceKey::open(const Key32* first) {
  Bytes<2> record{};
  std::size_t got = 0;
  const Stored found = records_.get(kRecord, 0, record, got);
  if (found == Stored::absent) {
    // the record last: without it there is no key yet
    return first != nullptr && key(kFirstDeviceKey + 1).destroy() &&
           key(kFirstDeviceKey).import(*first) && name({});
  }
  const bool sound =
      found == Stored::done && got == record.size() && is_device_key(record[0]) &&
      (record[1] == std::byte{0} || (is_device_key(record[1]) && record[1] != record[0]));
  if (!sound) {
    return false;
  }
  named_ = {std::to_integer<std::uint8_t>(record[0]), std::to_integer<std::uint8_t>(record[1])};
  return named_.next != 0 || key(other()).destroy();
}

bool PsaDeviceKey::store_next(const Key32& next) {
  if (is_next(next)) {
    return true;
  }
  return drop_next() && key(other()).import(next) && name({named_.present, other()});
}

bool PsaDeviceKey::promote() {
  const std::uint8_t old = named_.present;
  return named_.next != 0 && name({named_.next, 0}) && key(old).destroy();
}

bool PsaDeviceKey::drop_next() {
  return named_.next == 0 || (name({named_.present, 0}) && key(other()).destroy());
}

/// PSA does not show a key: two are the same if they sign the same.
bool PsaDeviceKey::is_next(const Key32& next) const {
  constexpr std::string_view kAnything = "countersign: the same key?";
  const std::array<ByteView, 1> parts{bytes_of(kAnything)};
  MidstateMac mac;
  Digest here{};
  Digest there{};
  const bool same = named_.next != 0 && mac.prepare(next) && mac.sign(parts, there) &&
                    key(named_.next).sign(parts, here) && same_tag(here, there);
  wipe(here);
  wipe(there);
  return same;
}

bool PsaDeviceKey::name(Named named) {
  const Bytes<2> record{std::byte{named.present}, std::byte{named.next}};
  if (records_.put(kRecord, record) != Stored::done) {
    return false;
  }
  named_ = named;
  return true;
}

}  // namespace countersign::mcu
