// How fast the fleet's readers answer: one GET DATA as an agent's reader does it, and the question
// where a card is as an administrator's open session asks it.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <random>
#include <string>
#include <vector>

#include "countersign/client/card/card.hpp"
#include "countersign/client/card/reader_worker.hpp"
#include "countersign/client/client.hpp"
#include "countersign/client/software_key.hpp"

namespace countersign::bench {
namespace {

using Clock = std::chrono::steady_clock;

double millis_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

int complain(const std::string& why) {
  std::fprintf(stderr, "fleet_bench: %s\n", why.c_str());
  return 1;
}

/// The value below which `part` of the sorted `times` lie.
double quantile(const std::vector<double>& times, double part) {
  return times[static_cast<std::size_t>(part * static_cast<double>(times.size() - 1))];
}

std::string summary(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  return "{\"times\": " + std::to_string(times.size()) +
         ", \"median_ms\": " + std::to_string(quantile(times, 0.5)) +
         ", \"p99_ms\": " + std::to_string(quantile(times, 0.99)) + "}";
}

// reader

/// One job of a reader's thread: transaction, SELECT and UID, GET DATA. Zero: it failed.
struct Timed {
  double exchange_ms = 0;
  bool good = false;
};

Timed ask_reader(client::ReaderWorker& worker) {
  std::promise<Timed> promise;
  const bool taken = worker.give([&promise](client::ReaderWorker& asked) {
    Timed timed;
    const auto failure = asked.on_card([&timed](client::CardSession& card) {
      const auto start = Clock::now();
      client::Answer answer;
      auto out = card.exchange(client::Apdu{client::get_data(0x06), {}, std::uint8_t{0}}, answer);
      timed.exchange_ms = millis_since(start);
      return out;
    });
    timed.good = !failure.failed();
    promise.set_value(timed);
  });
  return taken ? promise.get_future().get() : Timed{};
}

int time_reader(const std::string& uid, std::size_t count) {
  std::string reader;
  {
    const auto card = client::find_card({.uid = uid, .reader = {}});
    if (!card) {
      return complain(card.why().text);
    }
    reader = card->reader();
  }
  client::ReaderWorker worker{reader, client::make_pcsc_transport};
  std::vector<double> whole;
  std::vector<double> exchange;
  for (std::size_t i = 0; i < count; ++i) {
    const auto start = Clock::now();
    const Timed timed = ask_reader(worker);
    whole.push_back(millis_since(start));
    exchange.push_back(timed.exchange_ms);
    if (!timed.good) {
      return complain("the reader does not answer");
    }
  }
  std::printf("{\"job\": %s, \"exchange\": %s}\n", summary(whole).c_str(),
              summary(exchange).c_str());
  return 0;
}

// locate

int time_locate(client::Client& client, const std::vector<std::string>& uids, std::size_t count) {
  std::mt19937 random;  // the same readers in each run
  std::uniform_int_distribution<std::size_t> any{0, uids.size() - 1};
  std::vector<double> times;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string command = R"({"command":"locateCard","card":")" + uids[any(random)] + "\"}";
    const auto start = Clock::now();
    const auto answer = client.admin(command);
    times.push_back(millis_since(start));
    if (!answer || answer->find(R"("found":true)") == std::string::npos) {
      return complain(answer ? "not found: " + *answer : answer.why().text);
    }
  }
  std::puts(summary(times).c_str());
  return 0;
}

int log_in_and_locate(char** arguments, const std::vector<std::string>& uids) {
  auto key = client::SoftwareKey::open(arguments[1]);
  if (!key) {
    return complain(key.why().text);
  }
  client::Options options;
  options.host = "127.0.0.1";
  options.port = static_cast<std::uint16_t>(std::atoi(arguments[0]));
  options.server_id = (*key)->server_id();
  client::Client client{options, std::move(*key)};
  if (const auto session = client.login(); !session) {
    return complain(session.why().text);
  }
  return time_locate(client, uids, std::strtoul(arguments[2], nullptr, 10));
}

}  // namespace
}  // namespace countersign::bench

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "reader" && argc == 4) {
    return countersign::bench::time_reader(argv[2], std::strtoul(argv[3], nullptr, 10));
  }
  if (what == "locate" && argc > 5) {
    return countersign::bench::log_in_and_locate(argv + 2, {argv + 5, argv + argc});
  }
  std::fputs(
      "usage: countersign_fleet_bench reader CARD_UID TIMES\n"
      "       countersign_fleet_bench locate PORT KEY_FILE TIMES CARD_UID...\n",
      stderr);
  return 2;
}
