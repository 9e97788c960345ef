#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "countersign/client/session/core.hpp"
#include "countersign/client/session/topics.hpp"
#include "countersign/client/wiped_text.hpp"

namespace countersign::client {
namespace {

/// Replies hold passwords, keys and tokens: no copy that the parser makes of them stays behind.
using Json = nlohmann::basic_json<std::map, std::vector, WipedText, bool, std::int64_t,
                                  std::uint64_t, double, WipingAllocator>;

constexpr std::size_t kMaxCommands = 256;

/// Which command of which request an answer is about: `request.command`.
struct Place {
  std::uint64_t request = 0;
  std::size_t command = 0;
};

/// Not parsed, so that no parser keeps a copy of the secrets in it.
bool looks_like_object(std::string_view text) {
  return text.size() > 2 && text.starts_with('{') && text.ends_with('}');
}

WipedText request_of(const std::vector<WipedText>& commands, std::uint64_t number) {
  WipedText out;
  std::size_t room = 32;
  for (const WipedText& command : commands) {
    room += command.size() + 64;
  }
  out.reserve(room);
  out += R"({"commands":[)";
  for (std::size_t i = 0; i < commands.size(); ++i) {
    out.append(i == 0 ? "" : ",").append(commands[i], 0, commands[i].size() - 1);
    out.append(R"(,"correlationData":")").append(std::to_string(number)).append(".");
    out.append(std::to_string(i)).append(R"("})");
  }
  return out += "]}";
}

Outcome<std::string> no_answer() {
  return Error{Fault::network, "the broker did not answer this command"};
}

std::optional<Place> place_of(const Json& response) {
  const auto found = response.find("correlationData");
  if (found == response.end() || !found->is_string()) {
    return std::nullopt;
  }
  const WipedText& text = found->get_ref<const WipedText&>();
  Place place;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, place.request);
  if (first.ptr == end || *first.ptr != '.') {
    return std::nullopt;
  }
  const auto second = std::from_chars(first.ptr + 1, end, place.command);
  return second.ec == std::errc{} && second.ptr == end ? std::optional{place} : std::nullopt;
}

/// For the caller, whose own it is from there on.
std::string plain(const WipedText& text) { return {text.begin(), text.end()}; }

Outcome<std::string> outcome_of(const Json& response) {
  if (const auto error = response.find("error"); error != response.end()) {
    const bool text = error->is_string();
    return Error{Fault::refused,
                 text ? plain(error->get_ref<const WipedText&>()) : "the broker refused it",
                 {},
                 Refusal::denied};
  }
  const auto data = response.find("data");
  return data == response.end() ? std::string{"null"}
                                : plain(data->dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace

void Core::administer(const std::vector<WipedText>& commands, Answer<AdminOutcomes> done,
                      Millis now) {
  if (commands.empty() || commands.size() > kMaxCommands ||
      !std::all_of(commands.begin(), commands.end(), looks_like_object)) {
    done(
        Error{Fault::usage, "a command is a JSON object with \"command\", a request has 1 to 256"});
    return;
  }
  const std::uint64_t number = ++last_request_;
  const WipedText text = request_of(commands, number);
  Letter letter;
  letter.topic = kAdminTopic;
  const ByteView bytes = bytes_of(text);
  letter.payload.assign(bytes.begin(), bytes.end());
  letter.options.sealed = true;
  letter.done = [this, number](const Outcome<Published>& outcome) {
    if (outcome) {
      return;  // the reply is still to come
    }
    if (const auto request = requests_.extract(number)) {
      request.mapped().waiter.done(outcome.why());
    }
  };
  requests_[number] = {commands.size(), {std::move(done), now + options_.patience.answer}};
  publish(std::move(letter), now);
}

/// T answers a whole request at once.
void Core::answer_request(std::string_view json) {
  const Json reply = Json::parse(json, nullptr, false);
  if (!reply.is_object() || !reply.contains("responses") || !reply["responses"].is_array() ||
      reply["responses"].empty() || !reply["responses"].front().is_object()) {
    return;
  }
  const Json& responses = reply["responses"];
  const auto place = place_of(responses.front());
  // an answer to the whole request, e.g. "Not an administrator", names no command
  const bool whole = !responses.front().contains("correlationData") && requests_.size() == 1;
  const auto request = requests_.extract(whole   ? requests_.begin()->first
                                         : place ? place->request
                                                 : 0);
  if (!request) {
    return;
  }
  AdminOutcomes outcomes(request.mapped().commands,
                         whole ? outcome_of(responses.front()) : no_answer());
  for (const Json& response : responses) {
    const auto at = response.is_object() ? place_of(response) : std::nullopt;
    if (at && at->request == request.key() && at->command < outcomes.size()) {
      outcomes[at->command] = outcome_of(response);
    }
  }
  request.mapped().waiter.done(outcomes);
}

}  // namespace countersign::client
