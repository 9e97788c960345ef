#include "watching.hpp"

#include <chrono>

#include "admin.hpp"
#include "admin_poller.hpp"
#include "screen.hpp"

namespace countersign::cli {
namespace {

using Clock = std::chrono::steady_clock;
using Event = StopSignals::Event;

/// \returns why it cannot go on; a lost connection comes back by itself.
client::Status take(AdminPoller& poller, client::Client& client, WatchDisplay& display) {
  const auto answer = poller.take();
  std::string status = poller.status();
  if (answer && *answer) {
    display.show(**answer);
  } else if (answer && answer->why().fault == client::Fault::refused) {
    return answer->why();
  } else if (answer && status.empty()) {
    status = printable(answer->why().text);
  }
  if (client.state() == client::State::closed) {
    return client::Error{.fault = client::Fault::network, .text = "the connection is over"};
  }
  display.show_status(status);
  return client::Done{};
}

}  // namespace

void Watching::declare(CLI::App& app) {
  constexpr double kShortest = 0.1;
  app.add_option("--every", every_s_, "Seconds between two looks")
      ->check(CLI::Range(kShortest, 86'400.0).description(""))
      ->type_name("S")
      ->capture_default_str();
  app.add_flag("--once", once_, "Look once, print a table and end");
}

int Watching::run(const Console& console, const Connection& connection) const {
  if (once_) {
    return look_once(console, connection);
  }
  const bool on_screen = !console.json && Screen::usable();
  const StopSignals signals{on_screen ? StopSignals::Also::terminal : StopSignals::Also::nothing};
  AdminPoller poller;
  const auto client = connection.open(poller.observer());
  if (!client) {
    return console.fail(client.why());
  }
  signals.let_through();
  if (const auto session = (*client)->login(); !session) {
    return console.fail(session.why());
  }
  signals.hold_back();
  client::Status end = client::Done{};
  {
    const auto display = on_screen ? screen() : lines(console);
    end = watch(signals, poller, **client, console, *display);
  }
  (*client)->close();
  return end ? 0 : console.fail(end.why());
}

int Watching::look_once(const Console& console, const Connection& connection) const {
  auto admin = Admin::login(connection);
  if (!admin) {
    return console.fail(admin.why());
  }
  const auto answer = admin->run(command());
  if (!answer) {
    return console.fail(answer.why());
  }
  if (console.json) {
    console.print(*answer);
    return 0;
  }
  for (const std::string& line : table(*answer)) {
    console.line(line);
  }
  return 0;
}

client::Status Watching::watch(const StopSignals& signals, AdminPoller& poller,
                               client::Client& client, const Console& console,
                               WatchDisplay& display) const {
  const auto every =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>{every_s_});
  auto next = Clock::now();
  while (console.writable()) {
    switch (signals.wait(poller.bell().fd(), next - Clock::now())) {
      case Event::stopped:
        return client::Done{};
      case Event::timed_out:
        poller.ask(client, command());
        next = Clock::now() + every;
        break;
      case Event::ready:
        poller.bell().rest();
        if (client::Status going = take(poller, client, display); !going) {
          return going;
        }
        break;
      case Event::resized:
        display.resize();
        break;
      case Event::paused:
        display.pause();
        break;
    }
  }
  return client::Done{};
}

}  // namespace countersign::cli
