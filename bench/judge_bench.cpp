#include <benchmark/benchmark.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>

#include <array>

#include "allocations.hpp"
#include "bench_parts.hpp"

namespace countersign::bench {
namespace {

constexpr std::size_t kPayloadBytes = 64;
constexpr std::size_t kBatch = 4096;

/// Messages of one session, kept, so that signing them is not measured.
struct Batch {
  std::vector<std::vector<std::byte>> envelopes;
  std::vector<Publish> publishes;
};

Batch make_batch(Signer& signer) {
  Batch batch;
  for (std::size_t i = 0; i < kBatch; ++i) {
    Publish publish = signer.next();
    batch.envelopes.emplace_back(publish.payload.begin(), publish.payload.end());
    publish.payload = batch.envelopes.back();
    batch.publishes.push_back(publish);
  }
  return batch;
}

/// OpenSSL's own HMAC with its key set once.
class BareHmac {
 public:
  explicit BareHmac(const Key32& key) : mac_{EVP_MAC_fetch(nullptr, "HMAC", nullptr)} {
    char digest[] = "SHA256";
    const OSSL_PARAM choice[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0),
                                 OSSL_PARAM_construct_end()};
    context_ = EVP_MAC_CTX_new(mac_);
    EVP_MAC_init(context_, reinterpret_cast<const unsigned char*>(key.bytes().data()),
                 key.bytes().size(), choice);
  }
  BareHmac(const BareHmac&) = delete;
  BareHmac& operator=(const BareHmac&) = delete;
  ~BareHmac() {
    EVP_MAC_CTX_free(context_);
    EVP_MAC_free(mac_);
  }

  bool sign(Parts parts, Digest& out) const {
    EVP_MAC_init(context_, nullptr, 0, nullptr);
    for (const ByteView part : parts) {
      EVP_MAC_update(context_, reinterpret_cast<const unsigned char*>(part.data()), part.size());
    }
    std::size_t size = 0;
    return EVP_MAC_final(context_, reinterpret_cast<unsigned char*>(out.data()), &size,
                         out.size()) == 1;
  }

 private:
  EVP_MAC* mac_;
  EVP_MAC_CTX* context_;
};

/// The same bytes as `judge` has to sign, in the same parts.
template <class Mac>
void sign_bare(const Mac& key, const Publish& publish, Digest& digest) {
  const Bytes<2> topic_size = be16(publish.context.topic.size());
  const Bytes<2> props_size = be16(0);
  const std::size_t header = publish.payload.size() - kPayloadBytes - kTagBytes;
  const std::array<ByteView, 5> parts{publish.payload.first(header), topic_size,
                                      publish.context.topic, props_size,
                                      publish.payload.subspan(header, kPayloadBytes)};
  benchmark::DoNotOptimize(key.sign(parts, digest));
}

template <class Mac>
void sign_batches(benchmark::State& state, Signer& signer, const Mac& key) {
  Digest digest;
  while (state.KeepRunningBatch(kBatch)) {
    state.PauseTiming();
    const Batch batch = make_batch(signer);
    state.ResumeTiming();
    for (const Publish& publish : batch.publishes) {
      sign_bare(key, publish, digest);
      benchmark::DoNotOptimize(digest);
    }
  }
}

void bare_hmac_keyed(benchmark::State& state) {
  Signer signer{kPayloadBytes};
  sign_batches(state, signer, BareHmac{Key32{}});
}
BENCHMARK(bare_hmac_keyed);

void our_mac_key(benchmark::State& state) {
  Signer signer{kPayloadBytes};
  sign_batches(state, signer, signer.key());
}
BENCHMARK(our_mac_key);

void bare_hmac_one_shot(benchmark::State& state) {
  std::array<unsigned char, 32> key{};
  std::array<unsigned char, 32> digest{};
  std::array<unsigned char, kPayloadBytes + kTopic.size() + 8> bytes{};
  for (auto _ : state) {
    unsigned size = 0;
    benchmark::DoNotOptimize(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                                  bytes.data(), bytes.size(), digest.data(), &size));
  }
}
BENCHMARK(bare_hmac_one_shot);

void judge_accepts(benchmark::State& state) {
  Signer signer{kPayloadBytes};
  const Limits limits;
  const Rule rule;
  std::uint64_t allocated = 0;
  while (state.KeepRunningBatch(kBatch)) {
    state.PauseTiming();
    const Batch batch = make_batch(signer);
    const std::uint64_t before = allocations();
    state.ResumeTiming();
    for (const Publish& publish : batch.publishes) {
      const Verdict verdict =
          judge(signer.crypto(), limits, rule, &signer.sender(), publish, 1, signer.plain());
      benchmark::DoNotOptimize(verdict);
      if (verdict.why != Refusal::none) {
        state.SkipWithError("a valid message was refused");
        return;
      }
      signer.sender().sessions->messages = 0;
    }
    allocated += allocations() - before;
  }
  state.counters["allocations"] = static_cast<double>(allocated);
}
BENCHMARK(judge_accepts);

void judge_refuses_bad_tag(benchmark::State& state) {
  Signer signer{kPayloadBytes};
  const Limits limits;
  const Rule rule;
  Publish publish = signer.next();
  std::vector<std::byte> forged{publish.payload.begin(), publish.payload.end()};
  forged.back() ^= std::byte{1};
  publish.payload = forged;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        judge(signer.crypto(), limits, rule, &signer.sender(), publish, 1, signer.plain()));
  }
}
BENCHMARK(judge_refuses_bad_tag);

}  // namespace
}  // namespace countersign::bench
