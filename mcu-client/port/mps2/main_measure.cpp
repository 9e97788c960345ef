#include <array>

#include "board.hpp"
#include "clock.hpp"
#include "console.hpp"
#include "core/mqtt_client.hpp"
#include "countersign/envelope.hpp"
#include "countersign/keys.hpp"
#include "flash/layout.hpp"
#include "forever.hpp"
#include "lwip_tcp.hpp"
#include "network.hpp"
#include "psram_flash.hpp"
#include "registers.hpp"
#include "startup.hpp"
#include "vault/key_store.hpp"
#include "vault/session.hpp"

// What the vault's work costs in instructions: run it with -icount shift=0, where a nanosecond of
// the board's counter is one instruction (docs/mcu.md). With "MEAS" and a broker's port in page 0
// of the flash, also what a reading costs on its way there: envelope, MQTT, TCP, IP and the chip.

namespace countersign::mcu {
namespace {

constexpr std::uint32_t kCounterHz = 25'000'000;
constexpr std::uint32_t kPerTick = 1'000'000'000 / kCounterHz;
constexpr std::uint32_t kRounds = 100;
constexpr std::string_view kTopic = "countersign/mote-1";
constexpr Millis kPatienceMs = 2'000;
constexpr Ipv4Settings kSettings{
    .address = {std::byte{10}, std::byte{0}, std::byte{2}, std::byte{15}},
    .mask = {std::byte{255}, std::byte{255}, std::byte{255}, std::byte{0}},
    .gateway = {std::byte{10}, std::byte{0}, std::byte{2}, std::byte{2}},
};

void tell(std::string_view what, std::uint32_t ticks, bool done) {
  LogLine{"measured"}
      .text("what", what)
      .number("instructions", ticks * kPerTick / kRounds)
      .number("done", done ? 1 : 0);
}

/// Instructions of one `work()`, on average.
template <class Work>
void measure(std::string_view what, Work work) {
  bool done = true;
  const std::uint32_t before = read_register(kBoard.counter);
  for (std::uint32_t i = 0; i < kRounds; ++i) {
    done = work(i) && done;
  }
  tell(what, read_register(kBoard.counter) - before, done);
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

DeviceSession& open_session(KeyStore& store) {
  auto& session = make_forever<DeviceSession>(store.session_mac());
  Agreement agreement;
  agreement.kid = 1;
  static_cast<void>(session.open(store.crypto(), agreement));  // or nothing is signed
  return session;
}

/// One reading after the other, each under a number of its own.
class Readings {
 public:
  Readings(KeyStore& store, DeviceSession& session) : store_{store}, session_{session} {}

  Result<ByteView> next(std::uint8_t flags = 0) {
    const Order order{.seq = ++seq_, .flags = flags, .topic = kTopic, .payload = reading_};
    return session_.sign(store_.crypto(), order, room_);
  }

 private:
  KeyStore& store_;
  DeviceSession& session_;
  std::uint32_t seq_ = 0;
  Bytes<64> reading_{};
  Bytes<64 + kMaxEnvelopeBytes> room_{};
};

void measure_session(Readings& readings) {
  measure("sign-64", [&](auto) { return static_cast<bool>(readings.next()); });
  measure("seal-64", [&](auto) { return static_cast<bool>(readings.next(kSealed)); });
}

/// A connection to a broker, over which readings go with QoS 0.
class Line {
 public:
  explicit Line(Network& network) : network_{network}, client_{link_, room_} {}

  [[nodiscard]] bool open(std::uint16_t port) {
    return client_.open({.address = kSettings.gateway, .port = port}, now()) &&
           wait([&](MqttEvent::What what) { return what == MqttEvent::What::linked; }) &&
           client_.connect({.client_id = "measure", .username = {}, .password = {}, .will = {}},
                           now()) &&
           wait([&](MqttEvent::What what) { return what == MqttEvent::What::online; });
  }

  /// From the reading to the last byte of its frame in the chip.
  [[nodiscard]] bool publish(Readings& readings) {
    const auto message = readings.next();
    return message && client_.publish({.topic = kTopic, .payload = *message}, now());
  }

  /// Until the peer has all. \returns the counter's ticks of the one step that took its answer.
  [[nodiscard]] std::uint32_t settle() {
    const std::size_t before = link_.room();
    std::uint32_t ticks = 0;
    for (const Millis end = now() + kPatienceMs; link_.room() == before && now() < end;) {
      const std::uint32_t start = read_register(kBoard.counter);
      network_.poll(now());
      static_cast<void>(client_.poll(now()));
      ticks = read_register(kBoard.counter) - start;
    }
    return ticks;
  }

 private:
  template <class Wanted>
  [[nodiscard]] bool wait(Wanted wanted) {
    for (const Millis end = now() + kPatienceMs; now() < end;) {
      network_.poll(now());
      if (wanted(client_.poll(now()).what)) {
        return true;
      }
    }
    return false;
  }

  Network& network_;
  LwipTcp link_;
  Bytes<128> room_{};
  MqttClient<LwipTcp> client_;
};

void measure_publish(KeyStore& store, Readings& readings, std::uint16_t port) {
  auto& network = make_forever<Network>(store.random());
  auto& line = make_forever<Line>(network);
  bool done = network.start(kSettings) && line.open(port);
  std::uint32_t sent = 0;
  std::uint32_t answered = 0;
  for (std::uint32_t i = 0; done && i < kRounds; ++i) {
    const std::uint32_t before = read_register(kBoard.counter);
    done = line.publish(readings);
    sent += read_register(kBoard.counter) - before;
    answered += line.settle();
  }
  tell("publish-64", sent, done);
  tell("publish-64-answer", answered, done);
}

/// The port of the broker to publish to; 0: none.
std::uint16_t broker_port(const Flash& flash) {
  Bytes<6> page{};
  const bool there = flash.read(0, page) && text_of(page).substr(0, 4) == "MEAS";
  return there ? Reader{ByteView{page}.subspan(4)}.be<std::uint16_t>() : std::uint16_t{0};
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
  const bool open = store.open(&first, seed);
  LogLine{"opened"}
      .number("done", open ? 1 : 0)
      .number("instructions", (read_register(kBoard.counter) - before) * kPerTick);
  measure_macs(store);
  measure_psa(store);
  auto& readings = make_forever<Readings>(store, open_session(store));
  measure_session(readings);
  if (const std::uint16_t port = broker_port(flash); port != 0) {
    start_clock();
    measure_publish(store, readings, port);
  }
  LogLine{"stack"}.number("peak", stack_peak());
}

}  // namespace countersign::mcu
