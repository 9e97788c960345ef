#include "tools/flash_report.hpp"

#include <algorithm>

#include "flash/psa_its.hpp"
#include "vault/vault_records.hpp"

namespace countersign::mcu::tools {
namespace {

StoreReport report_on(const RecordStore& store, bool blank) {
  StoreReport out{.content = blank ? Content::blank : Content::good,
                  .generation = store.generation(),
                  .free_bytes = store.free_bytes(),
                  .records = {}};
  for (std::size_t i = 0; i < store.records(); ++i) {
    out.records.push_back(store.info(i));
  }
  std::ranges::sort(out.records, {}, &RecordInfo::id);
  return out;
}

StoreReport unreadable_store() { return {.content = Content::unreadable, .records = {}}; }

/// A record of just this size; zeros if there is none.
template <std::size_t N>
Bytes<N> read_record(const RecordStore& store, VaultRecord record) {
  Bytes<N> out{};
  RecordInfo info;
  std::size_t got = 0;
  const bool there = store.look(id_of(record), info) == Stored::done && info.size == N &&
                     store.get(id_of(record), 0, out, got) == Stored::done;
  return there ? out : Bytes<N>{};
}

/// The number that a lease ends before: the next start goes on from there.
std::uint32_t read_lease(const RecordStore& store, VaultRecord record) {
  Word bound = 0;
  copy(read_record<sizeof bound>(store, record), std::as_writable_bytes(std::span{&bound, 1}));
  return bound == 0 ? 1 : bound;
}

constexpr std::uint32_t page_of(const Waiting& waiting) { return waiting.at / kPageBytes; }

}  // namespace

std::string_view name_of(Content content) {
  constexpr std::array<std::string_view, 3> kNames{"blank", "good", "unreadable"};
  return kNames[static_cast<std::size_t>(content)];
}

std::string_view name_of(SecretsAt place) {
  constexpr std::array<std::string_view, 3> kNames{"present", "in the key store", "missing"};
  return kNames[static_cast<std::size_t>(place)];
}

StoreReport survey_store(FlashCopy& flash, const Region& region) {
  const bool blank = flash.blank(region);
  RecordStore store{flash, region.first};
  return store.open() ? report_on(store, blank) : unreadable_store();
}

VaultReport survey_vault(FlashCopy& flash) {
  VaultReport out;
  const bool blank = flash.blank(kVaultRegion);
  RecordStore store{flash, kVaultRegion.first};
  if (!store.open()) {
    out.store = unreadable_store();
    return out;
  }
  out.store = report_on(store, blank);
  out.epoch = read_lease(store, VaultRecord::epoch);
  out.message = read_lease(store, VaultRecord::message);
  out.starts = read_lease(store, VaultRecord::boot) - 1;
  out.last_kid = Reader{read_record<2>(store, VaultRecord::last_kid)}.be<std::uint16_t>();
  const auto keys = read_record<2>(store, VaultRecord::keys);
  out.has_key = keys[0] != std::byte{0};
  out.has_next_key = keys[1] != std::byte{0};
  return out;
}

Content for_each_waiting(FlashCopy& flash,
                         const std::function<void(const Waiting&, ByteView)>& each) {
  if (flash.blank(kRingRegion)) {
    return Content::blank;
  }
  Ring ring{flash, kRingRegion};
  if (!ring.open()) {
    return Content::unreadable;
  }
  Waiting waiting;
  for (bool found = ring.first(waiting); found; found = ring.next(waiting, waiting)) {
    Bytes<kMaxReadingBytes> payload;
    if (!ring.read(waiting, payload)) {
      return Content::unreadable;
    }
    each(waiting, std::span{payload}.first(waiting.size));
  }
  return Content::good;
}

RingReport survey_ring(FlashCopy& flash) {
  RingReport out;
  Waiting first;
  Waiting last;
  out.content = for_each_waiting(flash, [&](const Waiting& waiting, ByteView) {
    first = out.waiting == 0 ? waiting : first;
    last = waiting;
    ++out.waiting;
  });
  if (out.waiting != 0) {
    out.oldest = first.number;
    out.newest = last.number;
    out.pages_in_use = (page_of(last) + kRingRegion.pages - page_of(first)) % kRingRegion.pages + 1;
  }
  if (Ring ring{flash, kRingRegion}; out.content == Content::good && ring.open()) {
    out.greatest = ring.greatest();
  }
  return out;
}

SecretsAt find_secrets(const FlashCopy& flash, const VaultReport& vault) {
  Secrets secrets;
  if (read_secrets(flash, kProvisioningRegion.first, secrets)) {
    return SecretsAt::page;
  }
  return vault.has_key ? SecretsAt::key_store : SecretsAt::nowhere;
}

std::string name_of_vault_record(std::uint16_t id) {
  switch (static_cast<VaultRecord>(id)) {
    case VaultRecord::epoch:
      return "epoch";
    case VaultRecord::message:
      return "message";
    case VaultRecord::boot:
      return "starts";
    case VaultRecord::last_kid:
      return "last kid";
    case VaultRecord::seed:
      return "seed";
    case VaultRecord::keys:
      return "which key counts";
    case VaultRecord::commanders:
      return "how many command keys";
  }
  const std::uint32_t key = id > kFirstItsRecord ? id - kFirstItsRecord : 0;
  if (key >= kFirstCommandKey && key < kFirstCommandKey + kMaxCommanders) {
    return "command key " + std::to_string(key - kFirstCommandKey + 1);
  }
  return key == 0 || key >= kFirstCommandKey
             ? "unknown"
             : "device key " + std::to_string(key - kFirstDeviceKey + 1);
}

}  // namespace countersign::mcu::tools
