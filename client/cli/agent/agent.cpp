#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <atomic>
#include <condition_variable>
#include <thread>

#include "agent/event_queue.hpp"
#include "agent/reader_host.hpp"
#include "agent/service_notice.hpp"
#include "command.hpp"
#include "connection.hpp"
#include "options.hpp"

namespace countersign::cli {
namespace {

using Event = StopSignals::Event;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t kMaxHostBytes = 128;
constexpr Millis kLongestPauseMs = 10'000;  // a fleet's broker is back within a moment
constexpr auto kFarewell = 2s;
constexpr std::chrono::milliseconds kRetry = 1s;
constexpr std::chrono::milliseconds kAnnounceEvery = 5min;

std::string host_name() {
  std::array<char, kMaxHostBytes + 1> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

/// Logs in for the first time, however long that takes; the client comes back by itself after that.
class FirstLogin {
 public:
  FirstLogin(client::Client& client, std::function<void(std::string)> say)
      : client_{client}, say_{std::move(say)}, thread_{[this] { run(); }} {}
  FirstLogin(const FirstLogin&) = delete;
  FirstLogin& operator=(const FirstLogin&) = delete;

  /// The client must have been closed after `abandon`.
  ~FirstLogin() { thread_.join(); }

  void abandon() {
    {
      const std::scoped_lock guard{mutex_};
      stopping_ = true;
    }
    stop_.notify_all();
  }

 private:
  void run() {
    std::chrono::milliseconds pause = 1s;
    while (true) {
      const auto session = client_.login();
      if (session) {
        return;
      }
      std::unique_lock lock{mutex_};
      if (stopping_) {
        return;
      }
      say_("no login: " + printable(session.why().text));
      stop_.wait_for(lock, pause, [this] { return stopping_; });
      pause = std::min<std::chrono::milliseconds>(pause * 2, 1ms * kLongestPauseMs);
    }
  }

  client::Client& client_;
  const std::function<void(std::string)> say_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

/// Says which cards come and go at this host's readers, and takes the issuer's commands to them.
class Agent final : public Command {
 public:
  void declare(CLI::App& app, Console&) override {
    app.add_option("--host-name", host_, "What the fleet calls this host [its host name]")
        ->check([](const std::string& name) {
          return name.empty() || name.size() > kMaxHostBytes ? "1 to 128 bytes" : std::string{};
        })
        ->type_name("NAME");
    connection_.declare(app);
    app.footer(
        "Runs until SIGTERM. Its key is of an identity of kind agent; a rule of the broker binds\n"
        "countersign/fleet/%d/event. Reports to systemd (Type=notify), else logs to standard "
        "error.\n"
        "PC/SC service and broker may go and come back: what happened meanwhile is told later.");
  }

  int run(const Console& console) override {
    const StopSignals signals;
    const ServiceNotice service;
    const Wakeup bell;
    const auto say = [&console, &service](const std::string& line) {
      console.note(line);
      service.status(line);
    };
    std::unique_ptr<EventQueue> events;
    std::unique_ptr<client::Client> client;
    std::unique_ptr<ReaderHost> readers;
    std::atomic<bool> online = false;
    client::Observer observer;
    observer.on_state = [&](client::State state, const std::string& text) {
      if (state == client::State::online) {
        online = true;
      }
      say(printable(text));
      bell.wake();
    };
    observer.on_card_order = [&](const CardOrder& order) { answer(order, *readers, *client); };
    auto opened = connection_.open(
        std::move(observer), [&](std::string_view identity, client::Options& options) {
          events = std::make_unique<EventQueue>(std::string{identity},
                                                host_.empty() ? host_name() : host_, say);
          arrange(*events, options);
        });
    if (!opened) {
      return console.fail(opened.why());
    }
    client = std::move(*opened);
    readers = std::make_unique<ReaderHost>(*events, bell, say);
    service.ready();
    {
      FirstLogin login{*client, say};
      serve(signals, service, bell, *events, *readers, *client, online);
      service.stopping();
      say_goodbye(*events, *client);
      login.abandon();
      client->close();
    }
    return 0;
  }

 private:
  static void arrange(EventQueue& events, client::Options& options) {
    const std::string words = events.last_words();
    const ByteView bytes = bytes_of(words);
    options.will = client::WillOptions{
        .topic = events.topic(), .payload = {bytes.begin(), bytes.end()}, .qos = 1};
    options.patience.max_back_off = kLongestPauseMs;
  }

  static void serve(const StopSignals& signals, const ServiceNotice& service, const Wakeup& bell,
                    EventQueue& events, ReaderHost& readers, client::Client& client,
                    std::atomic<bool>& online) {
    auto announced = Clock::now();
    while (true) {
      const Event event = signals.wait(
          bell.fd(), pause(service, announced, !events.empty() || readers.has_unasked()));
      if (event == Event::stopped) {
        return;
      }
      service.alive();
      bell.rest();
      readers.catch_up();
      // again and again: an idle session would end unnoticed, and T would take the cards for gone
      if (online.exchange(false) || Clock::now() - announced >= kAnnounceEvery) {
        readers.announce();
        announced = Clock::now();
      }
      events.send_to(client);
    }
  }

  /// How long nothing need be done.
  static std::chrono::nanoseconds pause(const ServiceNotice& service, Clock::time_point announced,
                                        bool unfinished) {
    const auto left = std::max<std::chrono::nanoseconds>(announced + kAnnounceEvery - Clock::now(),
                                                         std::chrono::nanoseconds{1});
    const std::chrono::nanoseconds watched = service.watchdog().value_or(kAnnounceEvery);
    const std::chrono::nanoseconds retried = unfinished ? kRetry : kAnnounceEvery;
    return std::min({left, watched, retried});
  }

  static void answer(const CardOrder& order, ReaderHost& readers, client::Client& client) {
    readers.carry(order, [&client, uid = order.uid](const client::CardAnswer& answer) {
      client.report_card({.uid = uid,
                          .status = answer.status,
                          .presence = answer.presence,
                          .reader = head_of(answer.reader, kMaxReaderBytes)});
    });
  }

  /// The last event, and a moment for it to leave.
  static void say_goodbye(EventQueue& events, client::Client& client) {
    events.add("offline");
    events.send_to(client);
    const auto until = Clock::now() + kFarewell;
    while (!events.empty() && client.state() == client::State::online && Clock::now() < until) {
      std::this_thread::sleep_for(5ms);
    }
  }

  std::string host_;
  Connection connection_;
};

constexpr std::array kCommands{
    Entry{"agent", "Serve this host's card readers to the fleet, until stopped",
          make_command<Agent>},
};

}  // namespace

std::span<const Entry> agent_commands() { return kCommands; }

}  // namespace countersign::cli
