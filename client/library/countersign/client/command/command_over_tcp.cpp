#include "countersign/client/command/tcp_stream.hpp"

namespace countersign::client {
namespace {

Status check(const TcpDevice& device) {
  if (device.host.empty() || device.port == 0) {
    return Error{.fault = Fault::usage, .text = "host and port of the device are missing"};
  }
  if (device.wake.size() > kMaxWakeBytes) {
    return Error{.fault = Fault::usage, .text = "at most 64 bytes wake a device"};
  }
  return Done{};
}

}  // namespace

Outcome<CommandResult> send_command(const TcpDevice& device, const LockedKey& secret,
                                    const CommandRequest& request) {
  CommandExchange exchange{request};
  const CommandDeadline until = deadline_of(request);
  if (const Status usable = check(device); !usable) {
    return usable.why();
  }
  if (const Status ready = exchange.prepare(secret); !ready) {
    return ready.why();
  }
  TcpStream stream;
  if (const Status open = stream.open(device.host, device.port, until); !open) {
    return open.why();
  }
  CommandChallenge challenge{};
  if (!stream.send(device.wake, until) || stream.receive(challenge, until) != challenge.size()) {
    return CommandResult{};
  }
  const ByteView message = exchange.answer(challenge);
  if (message.empty()) {
    return Error{.fault = Fault::file, .text = "no randomness for a command"};
  }
  if (!stream.send(message, until)) {
    return CommandResult{.sent = true};
  }
  // one byte more than a response has: what is longer is none
  Bytes<kResponseMessageBytes + 1> room{};
  const std::size_t size = stream.receive(room, until);
  return CommandResult{.sent = true, .response = exchange.recognise(ByteView{room}.first(size))};
}

}  // namespace countersign::client
