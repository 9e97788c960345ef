#include <nlohmann/json.hpp>

#include "countersign/client/session/core.hpp"
#include "countersign/client/session/topics.hpp"

namespace countersign::client {
namespace {

using Json = nlohmann::json;

Outcome<std::string> outcome_of(const Json& response) {
  if (const auto error = response.find("error"); error != response.end()) {
    const bool text = error->is_string();
    return Error{Fault::refused,
                 text ? error->get<std::string>() : "the broker refused it",
                 {},
                 Refusal::denied};
  }
  const auto data = response.find("data");
  return data == response.end() ? std::string{"null"}
                                : data->dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

void Core::administer(const std::string& command, Answer<std::string> done, Millis now) {
  Json parsed = Json::parse(command, nullptr, false);
  if (!parsed.is_object() || !parsed.contains("command")) {
    done(Error{Fault::usage, "a command is a JSON object with \"command\""});
    return;
  }
  const std::string name = std::to_string(++last_command_);
  parsed["correlationData"] = name;
  std::string text = Json{{"commands", Json::array({std::move(parsed)})}}.dump(
      -1, ' ', false, Json::error_handler_t::replace);
  Letter letter;
  letter.topic = kAdminTopic;
  const ByteView bytes = bytes_of(text);
  letter.payload.assign(bytes.begin(), bytes.end());
  letter.options.sealed = true;
  letter.done = [this, name](const Outcome<Published>& outcome) {
    if (outcome) {
      return;  // the reply is still to come
    }
    if (const auto waiter = commands_.extract(name)) {
      waiter.mapped().done(outcome.why());
    }
  };
  wipe(std::as_writable_bytes(std::span{text}));
  commands_[name] = {std::move(done), now + options_.patience.answer};
  publish(std::move(letter), now);
}

void Core::answer_commands(std::string_view json) {
  const Json reply = Json::parse(json, nullptr, false);
  if (!reply.is_object() || !reply.contains("responses") || !reply["responses"].is_array()) {
    return;
  }
  for (const Json& response : reply["responses"]) {
    if (!response.is_object()) {
      continue;
    }
    const auto name = response.find("correlationData");
    auto waiter = name != response.end() && name->is_string()
                      ? commands_.find(name->get<std::string>())
                      : commands_.end();
    // an answer to the whole request, e.g. "Not an administrator", names no command
    if (name == response.end() && commands_.size() == 1) {
      waiter = commands_.begin();
    }
    if (waiter != commands_.end()) {
      const auto done = std::move(waiter->second.done);
      commands_.erase(waiter);
      done(outcome_of(response));
    }
  }
}

}  // namespace countersign::client
