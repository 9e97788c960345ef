#include <CLI/CLI.hpp>
#include <array>
#include <atomic>

#include "command.hpp"
#include "connection.hpp"
#include "countersign/client/card/card.hpp"
#include "hints.hpp"
#include "options.hpp"
#include "stop_signals.hpp"

namespace countersign::cli {
namespace {

using client::Message;
using Event = StopSignals::Event;

Json json_of(const Message& message) {
  Json out{{"topic", message.topic}};
  const std::string_view payload = text_of(message.payload);
  if (is_text(payload)) {
    out["payload"] = payload;
  } else {
    out["payloadHex"] = client::hex_of(message.payload);
  }
  out["qos"] = message.qos;
  out["retained"] = message.retained;
  if (!message.signer.empty()) {
    out["signer"] = message.signer;
    out["level"] = message.level;
    out["score"] = message.score ? Json{*message.score} : Json{nullptr};
    out["onCard"] = message.on_card;
  }
  return out;
}

/// What cannot be forged stands before what its sender chose.
std::string line_of(const Message& message) {
  std::string who = "-";
  if (!message.signer.empty()) {
    who = message.signer + " " + message.level + " " +
          (message.score ? std::to_string(*message.score) : "-") + (message.on_card ? " card" : "");
  }
  return printable(who) + "  " + printable(message.topic) + "  " +
         printable(text_of(message.payload));
}

/// Shows what comes, and who signed it.
class Subscribe final : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    app.add_option("-t,--topic", filters_, "A topic filter; may be repeated")
        ->type_name("FILTER")
        ->expected(1)
        ->take_all()
        ->required();
    app.add_option("-q,--qos", qos_, "0, 1 or 2")
        ->check(CLI::IsMember({0, 1, 2}).description(""))
        ->type_name("0|1|2")
        ->capture_default_str();
    app.add_option("-C,--count", count_, "End after so many messages")
        ->check(positive())
        ->type_name("N");
    app.add_option("-W,--wait", wait_s_, "End after so many seconds; 1 if -C is not reached")
        ->check(positive())
        ->type_name("S");
    add_json(app, console);
    connection_.declare(app);
    app.footer(
        "Each line: who signed it, level, score; topic; payload. A - where nobody did, or\n"
        "where the broker does not say (MQTT 3.1.1).");
  }

  int run(const Console& console) override {
    const StopSignals signals;
    client::Observer observer;
    observer.on_state = [this](client::State state, const std::string&) {
      if (state == client::State::closed) {
        lost_ = true;
        done_.wake();
      }
    };
    const auto client = connection_.open(std::move(observer));
    if (!client) {
      return console.fail(client.why());
    }
    signals.let_through();
    const auto session = (*client)->login();
    if (!session) {
      return console.fail(session.why());
    }
    signals.hold_back();
    for (const std::string& filter : filters_) {
      const client::Status status =
          (*client)->subscribe(filter, static_cast<std::uint8_t>(qos_),
                               [&](const Message& message) { show(console, message); });
      if (!status) {
        return console.fail(subscribe_error(status.why(), filter, session->identity));
      }
    }
    const Event event = wait(signals);
    const bool lost = lost_;
    (*client)->close();
    return code_of(console, event, lost);
  }

 private:
  /// On the client's thread.
  void show(const Console& console, const Message& message) {
    if (count_ != 0 && shown_ >= count_) {
      return;
    }
    if (console.json) {
      console.print(json_of(message));
    } else {
      console.line(line_of(message));
    }
    ++shown_;
    if ((count_ != 0 && shown_ >= count_) || !console.writable()) {
      done_.wake();
    }
  }

  Event wait(const StopSignals& signals) const {
    if (wait_s_ <= 0) {
      return signals.wait(done_.fd(), std::nullopt);
    }
    return signals.wait(done_.fd(), std::chrono::duration_cast<std::chrono::nanoseconds>(
                                        std::chrono::duration<double>{wait_s_}));
  }

  int code_of(const Console& console, Event event, bool lost) const {
    if (lost) {
      return console.fail({.fault = client::Fault::network, .text = "the connection is over"});
    }
    if (event == Event::timed_out && shown_ < count_) {
      return console.fail({.fault = client::Fault::refused,
                           .text = std::to_string(shown_) + " of " + std::to_string(count_) +
                                   " messages came in time"});
    }
    return 0;
  }

  std::vector<std::string> filters_;
  int qos_ = 1;
  std::size_t count_ = 0;
  double wait_s_ = 0;
  std::atomic<std::size_t> shown_ = 0;
  std::atomic<bool> lost_ = false;
  Wakeup done_;
  Connection connection_;
};

constexpr std::array kCommands{
    Entry{"subscribe", "Show messages, with who signed them, level and score",
          make_command<Subscribe>},
};

}  // namespace

std::span<const Entry> subscribe_commands() { return kCommands; }

}  // namespace countersign::cli
