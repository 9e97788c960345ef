#include "countersign/client/mqtt/paho_link.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>

#include "countersign/client/mqtt/paho_waker.hpp"

namespace countersign::client {
namespace {

constexpr std::chrono::milliseconds kDisconnectPatience{1000};
constexpr int kNotSent = -1;
constexpr int kFirstFailureCode = 0x80;
constexpr int kNoReason = 0xFF;

// Paho hands a pointer back and never looks at it: no memory of ours need hold the ticket.
// NOLINTNEXTLINE(performance-no-int-to-ptr)
void* as_context(Ticket ticket) { return reinterpret_cast<void*>(ticket); }
Ticket as_ticket(void* context) { return reinterpret_cast<Ticket>(context); }

mqtt::create_options create_options(const Options& options) {
  mqtt::create_options out;
  out.set_mqtt_verison(static_cast<int>(options.mqtt));
  return out;
}

/// The MQTT 5 reason; 0 where Paho has none to give (in 3.1.1 it says 255).
int reason_of(const mqtt::token& token) {
  const int reason = static_cast<int>(token.get_reason_code());
  return reason == kNoReason ? 0 : reason;
}

/// The code of a CONNACK that says no; 0 if there was none.
int connack_code(const mqtt::token& token) {
  if (const int reason = reason_of(token); reason >= kFirstFailureCode) {
    return reason;
  }
  return token.get_return_code() > 0 ? token.get_return_code() : 0;
}

std::string connect_failure_text(int code) {
  if (code == 0) {
    return "no answer";
  }
  return "refused with code " + std::to_string(code);
}

}  // namespace

/// One connection of Paho's, and what listens to it.
class PahoLink::Connection final : public mqtt::iaction_listener {
 public:
  Connection(const Options& options, const ConnectRequest& request, std::uint64_t number,
             const Post& post)
      : number_{number},
        post_{post},
        client_{server_uri(options), request.client_id, create_options(options)} {
    client_.set_connection_lost_handler([this](const std::string& cause) { lose(cause); });
    client_.set_disconnected_handler([this](const mqtt::properties&, mqtt::ReasonCode reason) {
      lose("the broker said goodbye with code " + std::to_string(static_cast<int>(reason)));
    });
    client_.set_message_callback([this](const mqtt::const_message_ptr& message) {
      if (message) {
        post_(number_, arrived_message(*message));
      }
    });
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  ~Connection() override {
    settle();
    try {
      client_.disable_callbacks();
      if (client_.is_connected()) {
        client_.disconnect()->wait_for(kDisconnectPatience);
      }
    } catch (const std::exception&) {
      // it is gone already
    }
  }

  /// Hands the options over as they are made: a pre-shared key gets lost in a move.
  void connect(const Options& options, const ConnectRequest& request,
               const std::string& trust_store) {
    PahoWaker::instance().hurry();
    connecting_ = true;
    client_.connect(connect_options(options, request, trust_store), nullptr, *this);
  }

  void on_success(const mqtt::token& token) override {
    if (token.get_type() == mqtt::token::Type::CONNECT) {
      settle();
      open_ = true;
      post_(number_, Opened{token.get_connect_response().is_session_present()});
      return;
    }
    acknowledge(token, 0);
  }

  void on_failure(const mqtt::token& token) override {
    if (token.get_type() == mqtt::token::Type::CONNECT) {
      settle();
      const int code = connack_code(token);
      post_(number_, OpenFailed{code, connect_failure_text(code)});
      return;
    }
    // a publish that only lost its connection is not refused: `Lost` follows
    if (token.get_type() != mqtt::token::Type::PUBLISH || reason_of(token) >= kFirstFailureCode) {
      acknowledge(token, kNotSent);
    }
  }

  mqtt::async_client& client() { return client_; }

 private:
  /// The connection is made, or will not be.
  void settle() {
    if (connecting_.exchange(false)) {
      PahoWaker::instance().rest();
    }
  }

  void acknowledge(const mqtt::token& token, int otherwise) {
    const int reason = reason_of(token);
    post_(number_, Acked{as_ticket(token.get_user_context()),
                         reason >= kFirstFailureCode ? reason : otherwise});
  }

  void lose(const std::string& cause) {
    if (open_.exchange(false)) {
      post_(number_, Lost{cause.empty() ? "the broker closed it" : cause});
    }
  }

  std::uint64_t number_;
  const Post& post_;
  std::atomic<bool> open_{false};
  std::atomic<bool> connecting_{false};
  mqtt::async_client client_;
};

PahoLink::PahoLink(const Options& options, TrustStore trust, Post post)
    : options_{options}, trust_{std::move(trust)}, post_{std::move(post)} {}

PahoLink::~PahoLink() { close(); }

void PahoLink::open(const ConnectRequest& request) {
  close();
  ++current_;
  try {
    connection_ = std::make_unique<Connection>(options_, request, current_, post_);
    connection_->connect(options_, request, trust_.path());
  } catch (const std::exception& failure) {
    post_(current_, OpenFailed{0, failure.what()});
  }
}

void PahoLink::send(Ticket ticket, const Outgoing& message) {
  try {
    if (connection_) {
      connection_->client().publish(paho_message(message, options_.mqtt), as_context(ticket),
                                    *connection_);
    }
  } catch (const std::exception&) {
    // if the connection is gone, `Lost` follows; else this message cannot be
    if (connection_ && connection_->client().is_connected()) {
      post_(current_, Acked{ticket, kNotSent});
    }
  }
}

void PahoLink::subscribe(Ticket ticket, const std::string& filter, std::uint8_t qos) {
  try {
    if (connection_) {
      connection_->client().subscribe(filter, qos, as_context(ticket), *connection_);
    }
  } catch (const std::exception&) {
    post_(current_, Acked{ticket, kNotSent});
  }
}

void PahoLink::unsubscribe(Ticket ticket, const std::string& filter) {
  try {
    if (connection_) {
      connection_->client().unsubscribe(filter, as_context(ticket), *connection_);
    }
  } catch (const std::exception&) {
    post_(current_, Acked{ticket, kNotSent});
  }
}

void PahoLink::close() {
  ++current_;
  connection_.reset();
}

}  // namespace countersign::client
