// The readers of this host as the library sees them: one JSON command a line on stdin, on stdout
// one JSON answer a line, and each event of the watch when it comes.

#include <algorithm>
#include <chrono>
#include <future>
#include <iostream>
#include <mutex>
#include <optional>
#include <thread>

#include "client/answers.hpp"
#include "countersign/client/card/card.hpp"
#include "countersign/client/card/reader_pool.hpp"
#include "countersign/client/card/reader_watch.hpp"
#include "unit/octets.hpp"

namespace {

namespace client = countersign::client;
using client::ReaderEvent;
using client::test::Json;

const char* name_of(ReaderEvent::What what) {
  switch (what) {
    case ReaderEvent::What::reader_added:
      return "reader_added";
    case ReaderEvent::What::reader_removed:
      return "reader_removed";
    case ReaderEvent::What::inserted:
      return "inserted";
    case ReaderEvent::What::removed:
      return "removed";
    case ReaderEvent::What::service_lost:
      return "service_lost";
    case ReaderEvent::What::service_found:
      return "service_found";
  }
  return "";
}

class FleetProbe {
 public:
  Json run(const Json& command) {
    const auto name = command.at("do").get<std::string>();
    if (name == "watch") {
      slow_ = std::chrono::milliseconds{command.value("slow_ms", 0)};
      watch_.emplace([this](const ReaderEvent& event) {
        print({{"event", name_of(event.what)}, {"reader", event.reader}});
        std::this_thread::sleep_for(slow_);
      });
    } else if (name == "unwatch") {
      const auto begun = std::chrono::steady_clock::now();
      watch_.reset();
      const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
      return {{"ok", true}, {"seconds", taken.count()}};
    }
    return pool(name, command);
  }

  void print(const Json& line) {
    const std::scoped_lock lock{mutex_};
    std::cout << line.dump() << std::endl;
  }

 private:
  Json pool(const std::string& name, const Json& command) {
    if (name == "add") {
      pool_.add(command.at("reader").get<std::string>());
    } else if (name == "remove") {
      pool_.remove(command.at("reader").get<std::string>());
    } else if (name == "forget") {
      pool_.forget(command.at("reader").get<std::string>());
    } else if (name == "identify") {
      std::promise<client::CardSighting> promise;
      pool_.identify(command.at("reader").get<std::string>(),
                     [&](const auto& seen) { promise.set_value(seen); });
      return shown(promise.get_future().get());
    } else if (name == "carry") {
      return shown(carry(order_of(command)));
    } else if (name == "measure") {
      return measure(order_of(command), command.at("count").get<std::size_t>());
    }
    return {{"ok", true}};
  }

  template <class Field>
  static void read(const Json& command, const char* name, Field& out) {
    const auto bytes = countersign::test::from_hex(command.value(name, ""));
    std::copy_n(bytes.begin(), std::min(bytes.size(), out.size()), out.begin());
  }

  static countersign::CardOrder order_of(const Json& command) {
    countersign::CardOrder order;
    read(command, "uid", order.uid);
    read(command, "challenge", order.challenge);
    read(command, "tag", order.proof.tag);
    order.command = static_cast<countersign::IssuerCommand>(command.value("ins", 0));
    order.proof.n = command.value("n", 0U);
    return order;
  }

  client::CardAnswer carry(const countersign::CardOrder& order) {
    std::promise<client::CardAnswer> promise;
    pool_.carry(order, [&](const auto& answer) { promise.set_value(answer); });
    return promise.get_future().get();
  }

  static Json shown(const client::CardSighting& seen) {
    return {{"ok", seen.uid.has_value()},
            {"uid", seen.uid ? client::hex_of(*seen.uid) : ""},
            {"life_cycle", countersign::name_of(seen.life_cycle)},
            {"why", client::words_of(seen.why)}};
  }

  static Json shown(const client::CardAnswer& answer) {
    return {{"ok", answer.here},
            {"status", answer.status},
            {"reader", answer.reader},
            {"life_cycle", static_cast<int>(answer.presence.life_cycle)},
            {"admin_counter", answer.presence.admin_counter},
            {"proof", client::hex_of(answer.presence.proof)}};
  }

  Json measure(const countersign::CardOrder& order, std::size_t count) {
    std::vector<double> taken(count);
    for (double& one : taken) {
      const auto begun = std::chrono::steady_clock::now();
      if (!carry(order).here) {
        return {{"ok", false}};
      }
      one = std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begun)
                .count();
    }
    std::sort(taken.begin(), taken.end());
    return {{"ok", true}, {"median_us", taken[count / 2]}, {"p99_us", taken[count * 99 / 100]}};
  }

  std::mutex mutex_;
  std::chrono::milliseconds slow_{0};
  client::ReaderPool pool_;
  std::optional<client::ReaderWatch> watch_;
};

}  // namespace

int main() {
  FleetProbe probe;
  for (std::string line; std::getline(std::cin, line);) {
    probe.print(probe.run(Json::parse(line)));
  }
  return 0;
}
