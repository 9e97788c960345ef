#include <benchmark/benchmark.h>

#include "countersign/aplus.hpp"
#include "countersign/session.hpp"
#include "openssl/crypto.hpp"

namespace countersign::bench {
namespace {

/// What T alone does for one handshake: open m1, make m2, check m3, make `finished`, derive keys.
void serve_handshake(benchmark::State& state, Suite suite) {
  const openssl::OpenSslCrypto crypto;
  openssl::OpenSslRandom random;
  Key32 k;
  std::uint32_t epoch = 0;
  for (auto _ : state) {
    state.PauseTiming();
    HandshakeKey key;
    key.epoch = ++epoch;
    AplusInitiator device;
    AplusResponder server;
    const bool ready =
        random.fill(key.r1) && derive_handshake_key(crypto, k, "mote-3", "broker", key);
    const auto m1 = device.start(crypto, random, key, "mote-3", "broker", suite);
    state.ResumeTiming();

    const auto first = parse_first(*m1);
    const bool opened = first && server.open(crypto, k, *first) == Refusal::none;
    const auto m2 = server.answer(crypto, random, AuthCode{}, 1);

    state.PauseTiming();
    const auto m3 = device.answer(crypto, random, *m2);
    state.ResumeTiming();

    const bool accepted = m3 && server.accept(crypto, *m3) == Refusal::none;
    const auto finished = server.finish(crypto, Receipt{});
    Session session;
    DirectionKey up;
    const bool open = open_session(crypto, server.agreement(), 1, session, up);
    if (!ready || !opened || !accepted || !finished || !open) {
      state.SkipWithError("a handshake failed");
      return;
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

void handshake_suite_1(benchmark::State& state) { serve_handshake(state, Suite::x25519); }
void handshake_suite_2(benchmark::State& state) { serve_handshake(state, Suite::symmetric); }
BENCHMARK(handshake_suite_1);
BENCHMARK(handshake_suite_2);

}  // namespace
}  // namespace countersign::bench
