#include "countersign/client/client.hpp"
#include "countersign/client/command/command_mailbox.hpp"

namespace countersign::client {
namespace {

constexpr std::string_view kTopics = "countersign/cmd/";

/// One command over the topics of its device.
class CommandOverMqtt {
 public:
  CommandOverMqtt(Client& client, const CommandRequest& request)
      : client_{client},
        topic_{std::string{kTopics} + request.device + "/"},
        until_{deadline_of(request)},
        exchange_{request} {}
  CommandOverMqtt(const CommandOverMqtt&) = delete;
  CommandOverMqtt& operator=(const CommandOverMqtt&) = delete;
  ~CommandOverMqtt() {
    // no callback may come when the mailboxes are gone
    static_cast<void>(client_.unsubscribe(topic_ + "challenge"));
    static_cast<void>(client_.unsubscribe(topic_ + "response"));
  }

  Outcome<CommandResult> run(const LockedKey& secret) {
    if (const Status ready = exchange_.prepare(secret); !ready) {
      return ready.why();
    }
    if (const Status heard = listen(); !heard) {
      return heard.why();
    }
    challenges_.clear();
    if (const auto woken = client_.publish(topic_ + "wake", {}); !woken) {
      return woken.why();
    }
    const ByteView message = answer_challenge();
    if (message.empty()) {
      return CommandResult{};
    }
    const auto sent = client_.publish(topic_ + "command", message);
    if (!sent && sent.why().fault == Fault::refused) {
      return sent.why();
    }
    // without an acknowledgement it may have got there all the same
    return CommandResult{.sent = true, .response = await_response()};
  }

 private:
  Status listen() {
    const Status first = client_.subscribe(
        topic_ + "challenge", 1, [this](const Message& message) { challenges_.put(message); });
    return first ? client_.subscribe(topic_ + "response", 1,
                                     [this](const Message& message) { responses_.put(message); })
                 : first;
  }

  ByteView answer_challenge() {
    while (const auto challenge = challenges_.take(until_)) {
      if (const ByteView message = exchange_.answer(*challenge); !message.empty()) {
        return message;
      }
    }
    return {};
  }

  /// Other commanders' responses come here too.
  std::optional<std::string> await_response() {
    while (const auto message = responses_.take(until_)) {
      if (auto response = exchange_.recognise(*message)) {
        return response;
      }
    }
    return std::nullopt;
  }

  Client& client_;
  std::string topic_;
  CommandDeadline until_;
  CommandExchange exchange_;
  CommandMailbox challenges_;
  CommandMailbox responses_;
};

}  // namespace

Outcome<CommandResult> send_command(Client& client, const LockedKey& secret,
                                    const CommandRequest& request) {
  return CommandOverMqtt{client, request}.run(secret);
}

}  // namespace countersign::client
