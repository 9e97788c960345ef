#include "vault/command_keys.hpp"

namespace countersign::mcu {

bool CommandKeys::open(std::span<const Key32> first) {
  constexpr std::uint16_t kRecord = id_of(VaultRecord::commanders);
  Bytes<1> record{};
  std::size_t got = 0;
  const Stored found = records_.get(kRecord, 0, record, got);
  if (found != Stored::absent) {
    size_ = std::to_integer<std::size_t>(record[0]);
    return found == Stored::done && got == record.size() && size_ <= keys_.size();
  }
  if (first.size() > keys_.size()) {
    return false;
  }
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (!keys_[i].import(first[i])) {
      return false;
    }
  }
  // the record last: without it there is none yet
  record[0] = static_cast<std::byte>(first.size());
  size_ = first.size();
  return records_.put(kRecord, record) == Stored::done;
}

}  // namespace countersign::mcu
