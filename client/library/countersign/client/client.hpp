#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "countersign/card.hpp"
#include "countersign/client/key_source.hpp"
#include "countersign/client/message.hpp"
#include "countersign/client/options.hpp"
#include "countersign/client/outcome.hpp"

namespace countersign::client {

/// The session that a handshake ended in.
struct SessionInfo {
  std::string identity;
  std::string client_id;  ///< of the present connection
  std::uint16_t kid = 0;
  AuthCode auth_code{};
  Receipt last;  ///< T's snapshot of the session before
};

enum class State : std::uint8_t {
  offline,
  connecting,
  handshaking,
  online,
  closed,
};
[[nodiscard]] std::string_view name_of(State state);

/// What the client tells without being asked. Called on its own thread; may be empty.
struct Observer {
  /// A change of state, with a line for a log ("connection lost, trying again in 2 s").
  std::function<void(State, const std::string& text)> on_state;
  /// A verified notice about a message that nobody waits for any more.
  std::function<void(const Notice&)> on_notice;
  std::function<void(const Receipt&)> on_receipt;
  /// What T wants of a card, told to agents alone (docs/protocol.md, section 11).
  std::function<void(const CardOrder&)> on_card_order;
};

/// A connection to a broker with the plugin: logs in, signs, resumes, answers enforcement.
///
/// Threads: every function may be called from any thread, also at once. The client has one thread
/// of its own, on which the protocol runs, callbacks are called and the key source is asked (which
/// may wait for a person). A callback may call the `…_async` functions; one that waits would wait
/// for itself and fails with `Fault::usage`.
class Client {
 public:
  using PublishDone = std::function<void(const Outcome<Published>&)>;
  using AdminDone = std::function<void(const Outcome<std::string>&)>;
  using OnMessage = std::function<void(const Message&)>;

  Client(Options options, std::unique_ptr<KeySource> key, Observer observer = {});
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  /// As `close`.
  ~Client();

  /// Connects, shakes hands, verifies `finished` and, where a will or a kept session needs it,
  /// takes the connection under its own client id. Waits.
  [[nodiscard]] Outcome<SessionInfo> login();

  /// Signs, publishes and waits for what became of it: accepted, refused (with T's reason), or only
  /// sent (QoS 0, or MQTT 3.1.1 without `confirm`).
  [[nodiscard]] Outcome<Published> publish(std::string_view topic, ByteView payload,
                                           const PublishOptions& options = {});
  /// The same without waiting; `done` is called exactly once. Messages leave in the order of calls.
  void publish_async(std::string_view topic, ByteView payload, const PublishOptions& options,
                     PublishDone done);
  /// How many messages have no outcome yet.
  [[nodiscard]] std::size_t pending() const;
  /// Waits until `pending()` is at most `limit`: the brake of a stream.
  [[nodiscard]] Status wait_pending(std::size_t limit, Millis timeout);

  /// Which messages of the present session T accepted. Waits.
  [[nodiscard]] Outcome<Receipt> request_receipt();

  /// Answers `on_card_order`. Lost without a session to sign it: T asks again.
  void report_card(const CardReport& report);

  /// Renewed after each reconnect. One callback per filter; the last one wins.
  [[nodiscard]] Status subscribe(std::string_view filter, std::uint8_t qos, OnMessage callback);
  [[nodiscard]] Status unsubscribe(std::string_view filter);

  /// One administrative command as JSON text, `{"command":"listDevices"}`, sealed to T; returns the
  /// JSON text of its `data` (`null` if it has none). T's own words on error. Waits.
  [[nodiscard]] Outcome<std::string> admin(std::string_view command);
  /// Up to 256 commands in one request; their outcomes in order. Fails as a whole only if no answer
  /// came. Waits.
  [[nodiscard]] Outcome<std::vector<Outcome<std::string>>> admin_all(
      std::span<const std::string> commands);
  /// `admin` without waiting; `done` is called exactly once.
  void admin_async(std::string_view command, AdminDone done);

  [[nodiscard]] State state() const;
  [[nodiscard]] Outcome<SessionInfo> session() const;

  /// An orderly end: DISCONNECT, so no will. What has no outcome yet fails. Waits.
  void close();

 private:
  class Body;
  std::unique_ptr<Body> body_;
};

}  // namespace countersign::client
