#include "plugin.hpp"

#include <chrono>
#include <cstring>

#include "publish_properties.hpp"

namespace countersign {
namespace {

constexpr Millis kTickPatience = 10'000;

/// The one place that asks for the time, once per event.
Millis clock_now() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

ByteView bytes_at(const void* payload, std::size_t size) {
  return {static_cast<const std::byte*>(payload), payload == nullptr ? 0 : size};
}

engine::Wish wish_of(int access) {
  switch (access) {
    case MOSQ_ACL_READ:
      return engine::Wish::read;
    case MOSQ_ACL_SUBSCRIBE:
      return engine::Wish::subscribe;
    case MOSQ_ACL_UNSUBSCRIBE:
      return engine::Wish::unsubscribe;
    default:
      return engine::Wish::write;
  }
}

/// What a message and a control message have in common: who sent what, where to.
template <class Event>
engine::Incoming incoming_of(const Event& event) {
  engine::Incoming incoming;
  incoming.handle = event.client;
  incoming.client_id = mosquitto_client_id(event.client);
  incoming.address = mosquitto_client_address(event.client);
  incoming.topic = event.topic;
  incoming.payload = bytes_at(event.payload, event.payloadlen);
  incoming.qos = event.qos;
  return incoming;
}

/// Gives the message a new payload; the broker frees the old one.
bool replace_payload(mosquitto_evt_message& event, ByteView payload) {
  auto* const copy = static_cast<char*>(mosquitto_malloc(payload.size() + 1));
  if (copy == nullptr) {
    return false;
  }
  if (!payload.empty()) {  // an empty view may have no address at all
    std::memcpy(copy, payload.data(), payload.size());
  }
  copy[payload.size()] = '\0';
  event.payload = copy;
  event.payloadlen = static_cast<std::uint32_t>(payload.size());
  return true;
}

}  // namespace

bool Plugin::start() {
  auto started = engine::Server::start(options_.config, broker_, clock_now());
  if (!started) {
    broker_.log(engine::Severity::error, started.why().message());
    return false;
  }
  server_ = std::move(*started);
  broker_.log(engine::Severity::info,
              std::to_string(server_->registry().size()) + " identities registered");
  return true;
}

void Plugin::stop() {
  if (server_) {
    server_->stop();
  }
}

/// Without TICK nothing durable is ever answered and nobody is ever closed: serve nobody.
bool Plugin::ticks() {
  if (ticked_) {
    return true;
  }
  const Millis now = clock_now();
  first_event_ = first_event_ == 0 ? now : first_event_;
  if (now - first_event_ <= kTickPatience) {
    return true;
  }
  if (!warned_) {
    warned_ = true;
    broker_.log(engine::Severity::error,
                "the broker never ticks (per_listener_settings true?): everything is refused");
  }
  return false;
}

int Plugin::on_basic_auth(mosquitto_evt_basic_auth& event) {
  if (!ticks()) {
    return MOSQ_ERR_AUTH;
  }
  engine::Knock knock;
  knock.handle = event.client;
  knock.client_id = mosquitto_client_id(event.client);
  knock.username = event.username;
  knock.password = event.password;
  knock.address = mosquitto_client_address(event.client);
  knock.clean_session = mosquitto_client_clean_session(event.client);
  switch (server_->on_connect(knock, clock_now())) {
    case engine::Entry::accept:
      return MOSQ_ERR_SUCCESS;
    case engine::Entry::others_decide:
      return options_.auth == Default::allow ? MOSQ_ERR_SUCCESS : MOSQ_ERR_PLUGIN_DEFER;
    case engine::Entry::refuse:
      break;
  }
  return MOSQ_ERR_AUTH;
}

int Plugin::on_acl_check(mosquitto_evt_acl_check& event) {
  notice_stop();
  if (!ticks()) {
    return MOSQ_ERR_ACL_DENIED;
  }
  engine::AccessRequest request;
  request.handle = event.client;
  request.client_id = mosquitto_client_id(event.client);
  request.address = mosquitto_client_address(event.client);
  request.topic = event.topic;
  request.payload = bytes_at(event.payload, event.payloadlen);
  request.qos = event.qos;
  request.retain = event.retain;
  request.wish = wish_of(event.access);
  switch (server_->on_access(request, clock_now())) {
    case engine::Access::allow:
      return MOSQ_ERR_SUCCESS;
    case engine::Access::others_decide:
      return options_.acl == Default::allow ? MOSQ_ERR_SUCCESS : MOSQ_ERR_PLUGIN_DEFER;
    case engine::Access::deny:
      break;
  }
  return MOSQ_ERR_ACL_DENIED;
}

int Plugin::on_message(mosquitto_evt_message& event) {
  engine::Incoming incoming = incoming_of(event);
  PublishProperties properties;
  incoming.retain = event.retain;
  properties.read(event.properties, incoming);
  const engine::Handling handling = server_->on_publish(incoming, clock_now());
  switch (handling.act) {
    case engine::Handling::Act::untouched:
      return MOSQ_ERR_SUCCESS;
    case engine::Handling::Act::replace:
      return add_sender_properties(handling, &event.properties) &&
                     replace_payload(event, handling.payload)
                 ? MOSQ_ERR_SUCCESS
                 : MOSQ_ERR_ACL_DENIED;
    case engine::Handling::Act::refuse:
      break;
  }
  return MOSQ_ERR_ACL_DENIED;
}

int Plugin::on_control(mosquitto_evt_control& event) {
  server_->on_control(incoming_of(event), clock_now());
  return MOSQ_ERR_SUCCESS;  // anything else disconnects the client
}

int Plugin::on_disconnect(mosquitto_evt_disconnect& event) {
  server_->on_disconnect(event.client, clock_now());
  return MOSQ_ERR_SUCCESS;
}

int Plugin::on_tick(mosquitto_evt_tick&) {
  ticked_ = true;
  stop_signal_.install();
  notice_stop();
  server_->on_tick(clock_now());
  return MOSQ_ERR_SUCCESS;
}

int Plugin::on_reload(mosquitto_evt_reload&) {
  server_->reload(clock_now());
  return MOSQ_ERR_PLUGIN_DEFER;  // on 2.0 anything else ends the reload of the other plugins
}

void Plugin::notice_stop() {
  if (stop_signal_.seen()) {
    server_->stopping();
  }
}

}  // namespace countersign
