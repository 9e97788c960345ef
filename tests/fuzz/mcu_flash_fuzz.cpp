/// Flash with whatever in it: a store and a ring open or refuse, and then work.
///   1     how often the pattern is laid into the pages, and what else is done
///   …     a pattern of bytes, laid one behind the other from the first page on; the rest is blank

#include <vector>

#include "core/ring.hpp"
#include "flash/frame.hpp"
#include "flash/leased_counter.hpp"
#include "flash/provisioning.hpp"
#include "flash/record_store.hpp"
#include "fuzz/input.hpp"
#include "port/host/nor_flash.hpp"

namespace countersign::fuzz {
namespace {

using namespace mcu;

constexpr std::uint32_t kPages = 3;

/// Flash that refuses what NOR cannot do, as a driver would that reads back what it wrote.
class AnyFlash final : public Flash {
 public:
  explicit AnyFlash(std::span<std::byte> memory) : memory_{memory} {}

  [[nodiscard]] std::uint32_t pages() const override { return kPages; }
  [[nodiscard]] bool read(std::uint32_t at, MutableBytes out) const override {
    require(at + out.size() <= memory_.size());
    copy(memory_.subspan(at, out.size()), out);
    return true;
  }
  [[nodiscard]] bool program(std::uint32_t at, ByteView words) override {
    require(at % kWordBytes == 0 && words.size() % kWordBytes == 0);
    require(at + words.size() <= memory_.size());
    for (std::size_t i = 0; i < words.size(); ++i) {
      memory_[at + i] &= words[i];
    }
    return true;
  }
  [[nodiscard]] bool erase(std::uint32_t page) override {
    require(page < kPages);
    for (std::byte& b : memory_.subspan(page * kPageBytes, kPageBytes)) {
      b = std::byte{0xFF};
    }
    return true;
  }

 private:
  std::span<std::byte> memory_;
};

/// The pattern, again and again. In frames of it the CRC is made right, so that they count.
std::vector<std::byte> fill(ByteView pattern, bool frames) {
  std::vector<std::byte> memory(kPages * kPageBytes, std::byte{0xFF});
  const std::size_t room = kPages * kPageBytes;
  for (std::size_t at = 0; at < room && !pattern.empty() && at < 4 * pattern.size(); ++at) {
    memory[at] = pattern[at % pattern.size()];
  }
  AnyFlash flash{memory};
  for (std::uint32_t at = 0; frames && at < room;) {
    Frame frame;
    require(frame.load(flash, at, 0));
    const bool possible =
        frame.size() <= kMaxFrameData && at % kPageBytes + frame.total() <= kPageBytes;
    if (!possible || frame.head() == kBlankWord) {
      at += kWordBytes;
      continue;
    }
    const std::vector<std::byte> data{frame.data().begin(), frame.data().end()};
    Frame whole;
    whole.set(frame.name(), frame.marks(), data);
    for (std::size_t i = 0; i < frame.total(); ++i) {
      memory[at + i] = std::byte{0xFF};
    }
    require(whole.write(flash, at, 0));
    at += frame.total();
  }
  return memory;
}

void use_store(Flash& flash) {
  RecordStore store{flash, 0};
  if (!store.open()) {
    require(store.put(1, {}) == Stored::failed);
    return;
  }
  for (std::size_t i = 0; i < store.records(); ++i) {
    const RecordInfo info = store.info(i);
    Bytes<kMaxRecordBytes> room{};
    std::size_t got = 0;
    require(store.get(info.id, 0, room, got) == Stored::done && got == info.size);
  }
  const Stored stored = store.put(7, bytes_of("here"));
  require(stored == Stored::done || stored == Stored::full);
  require(store.open());
  RecordInfo info;
  require(stored != Stored::done || (store.look(7, info) == Stored::done && info.size == 4));
  LeasedCounter counter{store, {8, 0, 100, 4}};
  std::uint32_t value = 0;
  require(!counter.open() || !counter.take(value) || value < 100);
}

void use_ring(Flash& flash) {
  Ring ring{flash, {0, kPages}};
  if (!ring.open()) {
    return;
  }
  Waiting at;
  std::uint32_t last = 0;
  std::size_t count = 0;
  for (bool found = ring.first(at); found; found = ring.next(at, at)) {
    Bytes<kMaxReadingBytes> room{};
    require(ring.read(at, room));
    require(count == 0 || at.number > last);
    last = at.number;
    require(++count <= kPages * kPageBytes / kFrameExtra);
  }
  if (ring.greatest() < ~std::uint32_t{0} && ring.append(ring.greatest() + 1, bytes_of("new"))) {
    const std::uint32_t number = ring.greatest();
    require(ring.open() && ring.greatest() == number);
  }
}

}  // namespace

void run(Input in) {
  const std::uint8_t how = in.byte();
  std::vector<std::byte> memory = fill(in.rest(), (how & 1U) != 0);
  AnyFlash flash{memory};
  if ((how & 2U) != 0) {
    use_ring(flash);
    return;
  }
  std::array<Word, kMaxSettingsWords> room{};
  Settings settings;
  Secrets secrets;
  static_cast<void>(read_settings(flash, 0, room, settings));
  static_cast<void>(read_secrets(flash, 0, secrets));
  use_store(flash);
}

}  // namespace countersign::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  countersign::fuzz::run({data, size});
  return 0;
}
