#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "countersign/client/client.hpp"
#include "countersign/client/mqtt/link.hpp"
#include "countersign/client/session/back_off.hpp"
#include "countersign/client/session/down_guard.hpp"
#include "countersign/client/session/handshake.hpp"
#include "countersign/client/session/live_session.hpp"
#include "countersign/client/session/outbox.hpp"
#include "countersign/client/wiped_text.hpp"

namespace countersign::client {

/// The client without its thread: decides what to connect, send and believe. Every function is
/// called on one thread with the time of a clock that never jumps; nothing here waits, but for the
/// key source.
class Core {
 public:
  template <class T>
  using Answer = std::function<void(const Outcome<T>&)>;
  using AdminOutcomes = std::vector<Outcome<std::string>>;

  Core(const Options& options, KeySource& key, const Observer& observer, Link& link,
       const Crypto& crypto, Random& random);
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  void log_in(Answer<SessionInfo> done, Millis now);
  void publish(Letter letter, Millis now);
  void ask_receipt(Answer<Receipt> done, Millis now);
  void report_card(ByteView report);
  void subscribe(const std::string& filter, std::uint8_t qos, Client::OnMessage callback,
                 Answer<Done> done, Millis now);
  void unsubscribe(const std::string& filter, Answer<Done> done, Millis now);
  /// One request with all of `commands`, each a JSON object as text; their outcomes in order.
  void administer(const std::vector<WipedText>& commands, Answer<AdminOutcomes> done, Millis now);
  void close();

  void take(const LinkEvent& event, Millis now);
  /// Does what has become due. Call after everything else, and when `next_tick` says.
  void tick(Millis now);
  [[nodiscard]] Millis next_tick(Millis now) const;

  [[nodiscard]] State state() const;
  [[nodiscard]] Outcome<SessionInfo> session() const;
  [[nodiscard]] std::size_t pending() const { return outbox_.size(); }

 private:
  enum class Phase : std::uint8_t {
    idle,
    opening_stranger,  ///< CONNECT under a throw-away id
    handshaking,       ///< connected so, no session yet
    opening_resume,    ///< CONNECT with a proof
    online,
    waiting,  ///< to connect again
    closed,
  };
  template <class T>
  struct Waiter {
    Answer<T> done;
    Millis deadline = 0;
  };
  struct AdminRequest {
    std::size_t commands = 0;
    Waiter<AdminOutcomes> waiter;
  };
  struct Subscription {
    std::uint8_t qos = 0;
    Client::OnMessage callback;
  };

  // connections (core_connection.cpp)
  void connect(Millis now);
  void open_stranger(Millis now);
  void open_resume();
  [[nodiscard]] bool needs_own_id() const;
  [[nodiscard]] std::string own_id();
  void opened(const Opened& event, Millis now);
  void failed(const OpenFailed& event, Millis now);
  void password_refused(Millis now);
  void lost(const std::string& text, Millis now);
  void connect_later(Millis pause, Millis now, const std::string& text);
  void go_online(bool session_present, Millis now);
  void give_up(const Error& why);

  // handshakes (core_handshake.cpp)
  void drive_handshake(Millis now);
  void send_handshake(const Handshake::Sending& sending);
  [[nodiscard]] bool make_handshake(Millis now);
  void finished(Millis now);
  void renew(Refusal why, Millis now);
  void take_question(ByteView q, std::uint16_t kid, Millis now);
  void take_hint(const Notice& notice, Millis now);
  void settle_old_session(std::uint16_t old_kid, Millis now);

  // what T sends (core_down.cpp)
  void arrived(const Arrived& event, Millis now);
  [[nodiscard]] std::optional<LiveSession::Down> open_down(const Message& message,
                                                           std::uint16_t& kid, Millis now);
  void take_notice(const Message& message, Millis now);
  void take_receipt(const Receipt& receipt);
  void take_reply(const Message& message, Millis now);
  void answer_request(std::string_view json);
  void deliver(const Message& message);

  // what we send (core_publish.cpp)
  void pump(Millis now);
  [[nodiscard]] bool send_letter(Ticket ticket, Millis now);
  void send_control(ByteView payload);
  void request_receipt(std::uint16_t kid);
  void commit_will();
  void watch_receipts(Millis now);

  [[nodiscard]] bool may_sign() const;
  void tell(const std::string& text) const;
  void expire(Millis now);
  template <class T>
  static void expire(std::vector<Waiter<T>>& waiters, Millis now, const Error& why);

  const Options& options_;
  KeySource& key_;
  const Observer& observer_;
  Link& link_;
  const Crypto& crypto_;
  Random& random_;

  Phase phase_ = Phase::idle;
  std::string client_id_;
  std::string own_id_;
  std::unique_ptr<LiveSession> session_;
  std::unique_ptr<LiveSession> old_session_;
  std::unique_ptr<Handshake> handshake_;
  Receipt last_receipt_;        // of `finished`
  std::uint32_t proven_n_ = 0;  // n of the present connection, 0 if it was raised
  BadTagBudget bad_tags_;
  Outbox outbox_;

  bool resume_next_ = false;
  int unanswered_ = 0;  // resumes without CONNACK, one after the other
  Millis connect_at_ = 0;
  Millis handshake_at_ = 0;
  Millis renew_at_ = 0;  // 0: no hint was given
  Millis last_hint_ = 0;
  Millis expire_at_ = 0;
  BackOff connect_pause_;
  BackOff handshake_pause_;
  BackOff hint_pause_;
  std::uint16_t settling_kid_ = 0;  // the old session whose final receipt is awaited
  Millis settling_until_ = 0;

  std::vector<Waiter<SessionInfo>> logins_;
  std::vector<Waiter<Receipt>> receipts_;
  std::map<Ticket, Waiter<Done>> subscribing_;
  std::map<std::uint64_t, AdminRequest> requests_;
  std::map<std::string, Subscription> subscriptions_;
  Ticket last_ticket_ = kFirstOtherTicket;
  std::uint64_t last_request_ = 0;

  static constexpr Ticket kControlTicket = Ticket{1} << 62;
  static constexpr Ticket kFirstOtherTicket = Ticket{1} << 61;
};

}  // namespace countersign::client
