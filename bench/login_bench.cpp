// What a login with a card takes, end to end: from a card in its reader and a known PIN to the
// first publish that the broker accepted. TCP, handshake, HANDSHAKE KEY over PC/SC and one QoS 1
// publish are in it.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "countersign/client/card/card_key.hpp"
#include "countersign/client/client.hpp"

namespace countersign::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Scene {
  client::Options options;
  std::string card_uid;
  std::string pin;
  std::string topic;
};

double millis_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

bool complain(const client::Error& why) {
  std::fprintf(stderr, "login_bench: %s\n", why.text.c_str());
  return false;
}

bool log_in_and_publish(const Scene& scene, double& ms) {
  const auto start = Clock::now();
  auto card = client::find_card({.uid = scene.card_uid, .reader = {}});
  if (!card) {
    return complain(card.why());
  }
  auto key = client::CardKey::open(std::move(*card), [&scene](const client::PinRequest&) {
    return client::Pin::from(scene.pin);
  });
  if (!key) {
    return complain(key.why());
  }
  client::Client client{scene.options, std::move(*key)};
  if (const auto session = client.login(); !session) {
    return complain(session.why());
  }
  const auto published = client.publish(scene.topic, bytes_of("21.5"));
  if (!published) {
    return complain(published.why());
  }
  ms = millis_since(start);
  return published->accepted;
}

/// The value below which `part` of the sorted `times` lie.
double quantile(const std::vector<double>& times, double part) {
  return times[static_cast<std::size_t>(part * static_cast<double>(times.size() - 1))];
}

int run(const Scene& scene, std::size_t count) {
  std::vector<double> times(count);
  for (double& ms : times) {
    if (!log_in_and_publish(scene, ms)) {
      return 1;
    }
  }
  std::sort(times.begin(), times.end());
  std::printf("{\"times\": %zu, \"median_ms\": %.3f, \"p99_ms\": %.3f}\n", count,
              quantile(times, 0.5), quantile(times, 0.99));
  return 0;
}

}  // namespace
}  // namespace countersign::bench

int main(int argc, char** argv) {
  if (argc != 7) {
    std::fputs("usage: countersign_login_bench PORT SERVER_ID CARD_UID PIN TOPIC TIMES\n", stderr);
    return 2;
  }
  countersign::bench::Scene scene;
  scene.options.host = "127.0.0.1";
  scene.options.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  scene.options.server_id = argv[2];
  scene.card_uid = argv[3];
  scene.pin = argv[4];
  scene.topic = argv[5];
  return countersign::bench::run(scene, std::strtoul(argv[6], nullptr, 10));
}
