// The readers of this host as the library sees them: one JSON command a line on stdin, on stdout
// one JSON answer a line, and each event of the watch when it comes.

#include <chrono>
#include <iostream>
#include <mutex>
#include <optional>
#include <thread>

#include "client/answers.hpp"
#include "countersign/client/card/reader_watch.hpp"

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
    return {{"ok", true}};
  }

  void print(const Json& line) {
    const std::scoped_lock lock{mutex_};
    std::cout << line.dump() << std::endl;
  }

 private:
  std::mutex mutex_;
  std::chrono::milliseconds slow_{0};
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
