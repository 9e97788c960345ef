#include <array>

#include "countersign/aplus.hpp"
#include "flash/layout.hpp"
#include "flash/provisioning.hpp"
#include "port/mps2/board.hpp"
#include "port/mps2/console.hpp"
#include "port/mps2/cortex_m.hpp"
#include "port/mps2/registers.hpp"
#include "port/mps2/startup.hpp"
#include "secure/secure_vault.hpp"
#include "vault/psa_crypto.hpp"

// A non-secure side that means ill, for tests/mcu/trustzone_test.py: beside the secure image as it
// is released, it tries what it must not be able to do. What to try stands in the first page of
// flash that is its own.

namespace countersign::mcu {
namespace {

constexpr std::uintptr_t kFlash = 0x80000000;
constexpr std::uintptr_t kKeys = kFlash + kVaultRegion.first * kPageBytes;
constexpr std::uintptr_t kOrders = kFlash + kDeviceRegion.first * kPageBytes;
constexpr std::uintptr_t kSecureCode = 0x10000000;
constexpr std::uintptr_t kSecureMemory = 0x38000000;
constexpr std::uintptr_t kSecureControl = 0x50080014;
constexpr std::string_view kTopic = "plant/mote-3";

enum class Attempt : std::uint32_t {
  use = 0,
  read_keys,
  read_provisioning,
  write_keys,
  read_memory,
  read_code,
  read_control,
  jump
};

void note(std::string_view what, Refusal why) {
  LogLine{"tried"}.text("what", what).text("why", name_of(why));
}

template <class T>
T* at(std::uintptr_t address) {
  return reinterpret_cast<T*>(address);
}

Refusal ask(const GateRequest& request, GateReply* reply) {
  return static_cast<Refusal>(countersign_gate(&request, reply));
}

/// Pointers into secure memory, as whatever the gate takes.
void smuggle() {
  constexpr std::array<std::uintptr_t, 4> kSecrets{kKeys, kSecureMemory, kSecureCode, kOrders - 4};
  static Bytes<64> mine{};
  GateReply reply;
  for (const std::uintptr_t secret : kSecrets) {
    LogLine{"smuggling"}.hex("address", static_cast<std::uint32_t>(secret));
    GateRequest hash{.service = Service::hash,
                     .in = mine.data(),
                     .in_size = 8,
                     .out = mine.data(),
                     .out_size = 64};
    note("honest", ask(hash, &reply));
    GateRequest in = hash;
    in.in = at<const std::byte>(secret);
    note("in", ask(in, &reply));
    GateRequest out = hash;
    out.out = at<std::byte>(secret);
    note("out", ask(out, &reply));
    GateRequest text{.service = Service::resume,
                     .text = at<const char>(secret),
                     .text_size = 8,
                     .out = mine.data(),
                     .out_size = 64};
    note("text", ask(text, &reply));
    note("request", static_cast<Refusal>(countersign_gate(at<const GateRequest>(secret), &reply)));
    note("reply", ask(hash, at<GateReply>(secret)));
    GateRequest settings{
        .service = Service::settings, .out = at<std::byte>(secret), .out_size = 768};
    note("settings", ask(settings, &reply));
  }
  GateRequest around{.service = Service::hash,
                     .in = mine.data(),
                     .in_size = 0xFFFFFFF0,
                     .out = mine.data(),
                     .out_size = 64};
  note("around", ask(around, &reply));
  around.in_size = 8;
  around.out_size = 0xFFFFFFF0;
  note("around-out", ask(around, &reply));
  GateRequest unknown{.service = static_cast<Service>(99)};
  note("unknown", ask(unknown, &reply));
  GateRequest far{.service = Service::next_control, .number = reply.state.upcoming + 2 * kMaxAhead};
  note("far", ask(far, &reply));
}

/// T, who shares the key that tests provision.
bool log_in(SecureVault& vault, std::string_view& why) {
  const PsaCrypto crypto;
  SecureRandom random;
  Key32 k;
  for (std::byte& b : k.fill()) {
    b = std::byte{0x42};
  }
  static Bytes<256> room{};
  const auto m1 = vault.begin(room);
  const auto first = parse_first(ByteView{room}.first(m1 ? *m1 : 0));
  static AplusResponder server;
  why = "m1";
  if (!first || server.open(crypto, k, *first) != Refusal::none) {
    return false;
  }
  const auto m2 = server.answer(crypto, random, AuthCode{}, 77);
  why = "m2";
  const auto m3 = m2 ? vault.take(*m2, room) : Result<HandshakeStep>{m2.why()};
  if (!m3 || server.accept(crypto, ByteView{room}.first(m3->answer_bytes)) != Refusal::none) {
    return false;
  }
  why = "finished";
  const auto finished = server.finish(crypto, {});
  const auto done = finished ? vault.take(*finished, room) : Result<HandshakeStep>{finished.why()};
  return done && done->finished;
}

struct Signed {
  Refusal why = Refusal::internal;
  Tag tag{};
};

Signed sign(SecureVault& vault, std::uint32_t seq, std::string_view payload) {
  static Bytes<256> room{};
  Signed made;
  const auto wire =
      vault.sign({.seq = seq, .flags = 0, .topic = kTopic, .payload = bytes_of(payload)}, room);
  made.why = wire.why();
  if (wire) {
    copy(wire->last(kTagBytes), made.tag);
  }
  return made;
}

/// One number, one message.
void forge(SecureVault& vault) {
  const auto number = vault.next_reading();
  const auto later = vault.next_reading();
  LogLine{"numbers"}.number("first", number ? *number : 0).number("second", later ? *later : 0);
  if (!number || !later) {
    return;
  }
  const Signed once = sign(vault, *number, "21.5");
  const Signed again = sign(vault, *number, "21.5");
  note("sign", once.why);
  note("sign-again", again.why);
  LogLine{"tags"}.number("same", once.tag == again.tag && once.tag != Tag{} ? 1 : 0);
  note("sign-other", sign(vault, *number, "99.9").why);
  note("sign-later", sign(vault, *later, "21.6").why);
  note("sign-earlier-other", sign(vault, *number, "99.9").why);
  note("sign-never-asked", sign(vault, *number - 1, "99.9").why);
}

/// What a signature costs from this side: instructions, where the board runs with -icount shift=0.
void measure(SecureVault& vault) {
  constexpr std::uint32_t kRounds = 50;
  constexpr std::uint32_t kPerTick = 40;  // a counter of 25 MHz, a nanosecond each
  constexpr Bytes<64> kReading{};
  bool done = true;
  std::uint32_t ticks = 0;
  for (std::uint32_t i = 0; i < kRounds; ++i) {
    const auto number = vault.next_reading();
    const std::uint32_t before = read_register(kBoard.counter);
    done = done && number && sign(vault, *number, text_of(kReading)).why == Refusal::none;
    ticks += read_register(kBoard.counter) - before;
  }
  LogLine{"measured"}
      .number("instructions", ticks * kPerTick / kRounds)
      .number("done", done ? 1 : 0);
}

void use_gate() {
  static Bytes<kMaxSettingsBytes> page;
  static Settings settings;
  const std::size_t size = fetch_settings(page);
  const bool told = parse_settings(ByteView{page}.first(size), settings);
  LogLine{"settings"}
      .number("parsed", told ? 1 : 0)
      .text("identity", settings.identity)
      .text("password", text_of(settings.password))
      .number("fields", static_cast<std::uint32_t>(settings.field_count));
  Profile profile;
  profile.identity = settings.identity;
  profile.server_id = settings.server_id;
  static SecureVault vault{profile};
  LogLine{"upcoming"}.number("number", vault.upcoming());
  note("sign-without-session", sign(vault, 1, "21.5").why);
  smuggle();
  std::string_view why = "none";
  const bool in = log_in(vault, why);
  LogLine{"login"}.number("done", in ? 1 : 0).text("at", why).number("kid", vault.kid());
  forge(vault);
  measure(vault);
  LogLine{"stack"}.number("peak", stack_peak());
}

void attempt(Attempt what) {
  switch (what) {
    case Attempt::use:
      return use_gate();
    case Attempt::write_keys:
      write_register(kKeys, 0);
      return;
    case Attempt::jump:
      reinterpret_cast<void (*)()>(kSecureCode + 0x201)();
      return;
    default: {
      constexpr std::array<std::uintptr_t, 7> kPlaces{
          0, kKeys, kFlash, 0, kSecureMemory, kSecureCode, kSecureControl};
      const std::uint32_t value = read_register(kPlaces[static_cast<std::size_t>(what)]);
      LogLine{"read"}.hex("value", value);
    }
  }
}

}  // namespace

void firmware() {
  const std::uint32_t order = read_register(kOrders);
  LogLine{"trial"}.number("attempt", order);
  attempt(static_cast<Attempt>(order));
  LogLine{"trial-over"};
}

}  // namespace countersign::mcu
