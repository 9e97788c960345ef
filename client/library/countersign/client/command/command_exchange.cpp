#include "countersign/client/command/command_exchange.hpp"

#include <algorithm>

#include "countersign/identity.hpp"

namespace countersign::client {
namespace {

Error usage(std::string text) { return {.fault = Fault::usage, .text = std::move(text)}; }

}  // namespace

Status check_command(const CommandRequest& request) {
  if (!is_identity(request.device)) {
    return usage("the device's name is no identity");
  }
  if (!is_identity(request.commander)) {
    return usage("the commander's name is no identity");
  }
  if (request.command.empty() || request.command.size() > kMaxCommandBytes) {
    return usage("a command has 1 to 255 bytes");
  }
  if (std::any_of(request.responses.begin(), request.responses.end(),
                  [](const std::string& one) { return one.size() > kMaxCommandBytes; })) {
    return usage("a response has at most 255 bytes");
  }
  return Done{};
}

CommandExchange::CommandExchange(const CommandRequest& request) : request_{request} {
  responses_.insert(responses_.end(), request.responses.begin(), request.responses.end());
}

Status CommandExchange::prepare(const LockedKey& secret) {
  if (const Status possible = check_command(request_); !possible) {
    return possible.why();
  }
  if (secret.empty() ||
      !derive_command_key(crypto_, secret.key(), request_.device, request_.commander, key_)) {
    return Error{.fault = Fault::file, .text = "no memory for the secret, or no cryptography"};
  }
  return Done{};
}

ByteView CommandExchange::answer(ByteView challenge) {
  const auto message = side_.command(crypto_, random_, key_, challenge, request_.command);
  return message ? *message : ByteView{};
}

std::optional<std::string> CommandExchange::recognise(ByteView message) const {
  const auto which = side_.recognise(crypto_, message, responses_);
  return which ? std::optional<std::string>{responses_[*which]} : std::nullopt;
}

}  // namespace countersign::client
