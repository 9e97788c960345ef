#include <array>

#include "board.hpp"
#include "console.hpp"
#include "countersign/envelope.hpp"
#include "countersign/keys.hpp"
#include "flash/layout.hpp"
#include "forever.hpp"
#include "psram_flash.hpp"
#include "registers.hpp"
#include "startup.hpp"
#include "vault/key_store.hpp"
#include "vault/session.hpp"

// What the vault's work costs in instructions: run it with -icount shift=0, where a nanosecond of
// the board's counter is one instruction (docs/mcu.md).

namespace countersign::mcu {
namespace {

constexpr std::uint32_t kCounterHz = 25'000'000;
constexpr std::uint32_t kPerTick = 1'000'000'000 / kCounterHz;
constexpr std::uint32_t kRounds = 100;

/// Instructions of one `work()`, on average.
template <class Work>
void measure(std::string_view what, Work work) {
  bool done = true;
  const std::uint32_t before = read_register(kBoard.counter);
  for (std::uint32_t i = 0; i < kRounds; ++i) {
    done = work(i) && done;
  }
  const std::uint32_t ticks = read_register(kBoard.counter) - before;
  LogLine{"measured"}
      .text("what", what)
      .number("instructions", ticks * kPerTick / kRounds)
      .number("done", done ? 1 : 0);
}

void measure_macs(const KeyStore& store) {
  Key32 key;
  MidstateMac mac;
  static Bytes<64> message{};
  const std::array<ByteView, 1> parts{message};
  Digest out{};
  const bool ready = mac.prepare(key);
  measure("mac-64-prepared", [&](auto) { return ready && mac.sign(parts, out); });
  measure("mac-64", [&](auto) { return store.crypto().hmac(key.bytes(), parts, out); });
}

void measure_psa(KeyStore& store) {
  static Bytes<64> message{};
  const std::array<ByteView, 1> parts{message};
  Digest out{};
  measure("mac-64-psa", [&](auto) { return store.device_key().present().sign(parts, out); });
  Bytes<32> bytes{};
  measure("random-32", [&](auto) { return store.random().fill(bytes); });
}

void measure_session(KeyStore& store) {
  static Forever<DeviceSession> forever{store.session_mac()};
  DeviceSession& session = forever.value;
  Agreement agreement;
  agreement.kid = 1;
  const bool opened = session.open(store.crypto(), agreement);
  static Bytes<64> reading{};
  static Bytes<64 + kMaxEnvelopeBytes> room{};
  Order order{.seq = 0, .flags = 0, .topic = "countersign/mote-1", .payload = reading};
  const auto sign = [&](std::uint32_t) {
    ++order.seq;
    return opened && static_cast<bool>(session.sign(store.crypto(), order, room));
  };
  measure("sign-64", sign);
  order.flags = kSealed;
  measure("seal-64", sign);
}

}  // namespace

void firmware() {
  static PsramFlash flash;
  static Forever<KeyStore> forever{flash, kVaultRegion.first};
  KeyStore& store = forever.value;
  const Key32 key;
  Bytes<kSeedBytes> seed{std::byte{1}};
  const FirstSecrets first{.key = key, .seed = seed, .commanders = {}};
  const std::uint32_t before = read_register(kBoard.counter);
  const bool open = store.open(&first);
  LogLine{"opened"}
      .number("done", open ? 1 : 0)
      .number("instructions", (read_register(kBoard.counter) - before) * kPerTick);
  measure_macs(store);
  measure_psa(store);
  measure_session(store);
  LogLine{"stack"}.number("peak", stack_peak());
}

}  // namespace countersign::mcu
