#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "command.hpp"
#include "connection.hpp"
#include "countersign/client/command/command_request.hpp"
#include "countersign/client/key_text.hpp"
#include "hex_key_file.hpp"
#include "hints.hpp"
#include "options.hpp"

namespace countersign::cli {
namespace {

using client::CommandResult;
using client::Error;
using client::Fault;

client::Outcome<client::TcpDevice> parse_tcp(const std::string& place, const std::string& wake) {
  client::TcpDevice out;
  const std::size_t colon = place.rfind(':');
  const bool bracketed = place.starts_with('[') && colon != 0 && place[colon - 1] == ']';
  if (colon == std::string::npos || colon == 0 ||
      !CLI::detail::lexical_cast(place.substr(colon + 1), out.port) || out.port == 0) {
    return Error{.fault = Fault::usage, .text = place + " is no HOST:PORT"};
  }
  out.host = bracketed ? place.substr(1, colon - 2) : place.substr(0, colon);
  out.wake.resize(wake.size() / 2);
  if (wake.size() % 2 != 0 || wake.size() > 2 * client::kMaxWakeBytes ||
      !client::read_hex(wake, out.wake)) {
    return Error{.fault = Fault::usage, .text = "--wake takes 1 to 64 bytes in hex"};
  }
  return out;
}

/// Has a device run a command, and says what it answered.
class CommandSend final : public Command {
 public:
  void declare(CLI::App& app, Console& console) override {
    app.add_option("DEVICE", request_.device, "Whom")->type_name("")->required();
    app.add_option("COMMAND", request_.command, "What, 1 to 255 bytes; only its tag is sent")
        ->type_name("")
        ->required();
    app.add_option("-r,--response", request_.responses,
                   "A response that the device may give; may be repeated. The empty one is known")
        ->type_name("WORD")
        ->expected(1)
        ->take_all();
    app.add_option("--secret", secret_path_,
                   "What commander and device share: 64 hex digits, mode 0600")
        ->type_name("FILE")
        ->required();
    app.add_option("--commander", request_.commander, "Whose secret it is [who logs in]")
        ->type_name("ID");
    app.add_option("-W,--wait", wait_s_, "Seconds for all of it, the login apart")
        ->check(positive())
        ->type_name("S")
        ->capture_default_str();
    auto* const tcp = app.add_option("--tcp", place_, "To the device itself, without a broker")
                          ->type_name("HOST:PORT");
    app.add_option("--wake", wake_, "With --tcp: what the device waits for, in hex")
        ->type_name("HEX")
        ->needs(tcp);
    add_json(app, console);
    connection_.declare(app);
    app.footer(
        "Exit code 1: no verified response came. If the command had left by then, nobody knows\n"
        "whether it ran; it is not sent again.");
  }

  int run(const Console& console) override {
    request_.timeout = static_cast<Millis>(std::min(wait_s_, 1e6) * 1000);
    const auto secret = read_hex_key(secret_path_);
    if (!secret) {
      return console.fail(secret.why());
    }
    const auto result = place_.empty() ? over_mqtt(*secret) : over_tcp(*secret);
    if (!result) {
      return console.fail(result.why());
    }
    return report(console, *result);
  }

 private:
  client::Outcome<CommandResult> over_tcp(const client::LockedKey& secret) const {
    if (request_.commander.empty()) {
      return Error{.fault = Fault::usage,
                   .text = "whose secret is it?",
                   .hint = "--commander ID: as the device knows it"};
    }
    const auto device = parse_tcp(place_, wake_);
    return device ? send_command(*device, secret, request_) : device.why();
  }

  client::Outcome<CommandResult> over_mqtt(const client::LockedKey& secret) {
    const auto know_commander = [this](std::string_view identity, client::Options&) {
      request_.commander = request_.commander.empty() ? identity : request_.commander;
    };
    const auto client = connection_.open({}, know_commander);
    if (!client) {
      return client.why();
    }
    if (const client::Status possible = check_command(request_); !possible) {
      return possible.why();
    }
    const auto session = (*client)->login();
    if (!session) {
      return session.why();
    }
    auto result = send_command(**client, secret, request_);
    (*client)->close();
    if (!result) {
      const std::string topics = "countersign/cmd/" + request_.device;
      return publish_error(result.why(), topics + "/command", session->identity, false);
    }
    return result;
  }

  int report(const Console& console, const CommandResult& result) const {
    if (console.json) {
      console.print({{"sent", result.sent},
                     {"response", result.response ? Json(*result.response) : Json(nullptr)}});
    }
    if (!result.sent) {
      return console.fail(
          {.fault = Fault::refused,
           .text = printable(request_.device) + " sent no challenge: the command did not leave",
           .hint = "is it there, and does it listen?"});
    }
    if (!result.response) {
      return console.fail({.fault = Fault::refused,
                           .text = "no verified response: nobody knows whether the command ran",
                           .hint = "does the device have this command, this commander, this "
                                   "secret? --response WORD names each that it may give"});
    }
    if (!console.json) {
      console.line(result.response->empty() ? "it ran" : printable(*result.response));
    }
    return 0;
  }

  client::CommandRequest request_;
  std::string secret_path_;
  std::string place_;
  std::string wake_;
  double wait_s_ = 10;
  Connection connection_;
};

constexpr std::array kCommands{
    Entry{"send", "Have a device run a command", make_command<CommandSend>},
};

}  // namespace

std::span<const Entry> command_commands() { return kCommands; }

}  // namespace countersign::cli
