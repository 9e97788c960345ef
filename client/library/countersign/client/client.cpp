#include "countersign/client/client.hpp"

#include "countersign/client/client_body.hpp"

namespace countersign::client {
namespace {

constexpr std::size_t kMaxTopicBytes = 65'535;

Error usage(std::string text, std::string hint = {}) {
  return {Fault::usage, std::move(text), std::move(hint)};
}

bool has_properties(const MessageProperties& from) {
  return from.payload_format || from.content_type || from.response_topic || from.correlation_data ||
         from.expiry_s || !from.user.empty();
}

Status check_topic(std::string_view topic) {
  if (topic.empty() || topic.size() > kMaxTopicBytes ||
      topic.find_first_of(std::string_view{"+#\0", 3}) != std::string_view::npos) {
    return usage("no topic to publish on: \"" + std::string{topic} + "\"",
                 "a topic is not empty and has no + and #");
  }
  return Done{};
}

Status check_flags(const PublishOptions& options, bool has_card) {
  if (options.qos > 2) {
    return usage("QoS is 0, 1 or 2");
  }
  if (options.on_card && !has_card) {
    return usage("only a card can sign messages itself", "log in with one: --card");
  }
  if ((options.sealed ? 1 : 0) + (options.short_tag ? 1 : 0) + (options.on_card ? 1 : 0) > 1) {
    return usage("sealed, short tag and on-card exclude each other");
  }
  return Done{};
}

Status check_properties(const PublishOptions& options, MqttVersion version) {
  if (version != MqttVersion::v5 &&
      (options.form == Form::property || has_properties(options.properties))) {
    return usage("MQTT 3.1.1 has no properties", "use MQTT 5");
  }
  for (const auto& [name, value] : options.properties.user) {
    if (name.starts_with("cs-") || name == "cs1") {
      return usage("the user property " + name + " belongs to the broker");
    }
  }
  return Done{};
}

Outcome<Letter> make_letter(std::string_view topic, ByteView payload, const PublishOptions& options,
                            MqttVersion version, bool has_card) {
  for (const Status& fine :
       {check_topic(topic), check_flags(options, has_card), check_properties(options, version)}) {
    if (!fine) {
      return fine.why();
    }
  }
  auto props = signed_props(options.properties);
  if (!props) {
    return usage("the properties are too long");
  }
  Letter letter;
  letter.topic = topic;
  letter.payload.assign(payload.begin(), payload.end());
  letter.props = std::move(*props);
  letter.options = options;
  return letter;
}

}  // namespace

std::string_view name_of(State state) {
  switch (state) {
    case State::offline:
      return "offline";
    case State::connecting:
      return "connecting";
    case State::handshaking:
      return "handshaking";
    case State::online:
      return "online";
    case State::closed:
      return "closed";
  }
  return "closed";
}

Client::Client(Options options, std::unique_ptr<KeySource> key, Observer observer) {
  Status usable = check_options(options, key->method());
  auto trust = TrustStore::open(options.tls);
  if (usable && !trust) {
    usable = trust.why();
  }
  auto store = trust ? std::move(*trust) : std::move(*TrustStore::open({}));
  body_ = std::make_unique<Body>(std::move(options), std::move(key), std::move(observer),
                                 std::move(store), std::move(usable));
}

Client::~Client() = default;

Outcome<SessionInfo> Client::login() {
  return body_->ask<SessionInfo>(
      [](Core& core, auto done, Millis now) { core.log_in(std::move(done), now); });
}

Outcome<Published> Client::publish(std::string_view topic, ByteView payload,
                                   const PublishOptions& options) {
  auto letter = make_letter(topic, payload, options, body_->options().mqtt, body_->signs_on_card());
  if (!letter) {
    return letter.why();
  }
  auto shared = std::make_shared<Letter>(std::move(*letter));
  return body_->ask<Published>([shared](Core& core, auto done, Millis now) {
    shared->done = std::move(done);
    core.publish(std::move(*shared), now);
  });
}

void Client::publish_async(std::string_view topic, ByteView payload, const PublishOptions& options,
                           PublishDone done) {
  auto letter = make_letter(topic, payload, options, body_->options().mqtt, body_->signs_on_card());
  if (letter) {
    body_->publish(std::move(*letter), std::move(done));
  } else if (done) {
    done(letter.why());
  }
}

std::size_t Client::pending() const { return body_->pending(); }

Status Client::wait_pending(std::size_t limit, Millis timeout) {
  return body_->wait_pending(limit, timeout);
}

Outcome<Receipt> Client::request_receipt() {
  return body_->ask<Receipt>(
      [](Core& core, auto done, Millis now) { core.ask_receipt(std::move(done), now); });
}

void Client::report_card(const CardReport& report) {
  std::vector<std::byte> room(kMaxCardReportBytes);
  Writer out{room};
  write_card_report(report, out);
  if (!out.ok()) {
    return;
  }
  room.resize(out.written().size());
  body_->post([payload = std::move(room)](Core& core, Millis) { core.report_card(payload); });
}

Status Client::subscribe(std::string_view filter, std::uint8_t qos, OnMessage callback) {
  return body_->ask<Done>([filter = std::string{filter}, qos, callback = std::move(callback)](
                              Core& core, auto done, Millis now) {
    core.subscribe(filter, qos, callback, std::move(done), now);
  });
}

Status Client::unsubscribe(std::string_view filter) {
  return body_->ask<Done>([filter = std::string{filter}](Core& core, auto done, Millis now) {
    core.unsubscribe(filter, std::move(done), now);
  });
}

Outcome<std::string> Client::admin(std::string_view command) {
  const auto outcomes = body_->administer_all({WipedText{command}});
  return outcomes ? outcomes->front() : outcomes.why();
}

Outcome<std::vector<Outcome<std::string>>> Client::admin_all(
    std::span<const std::string> commands) {
  return body_->administer_all({commands.begin(), commands.end()});
}

void Client::admin_async(std::string_view command, AdminDone done) {
  body_->administer(WipedText{command}, std::move(done));
}

State Client::state() const { return body_->state(); }

Outcome<SessionInfo> Client::session() const { return body_->session(); }

void Client::close() { body_->close(); }

}  // namespace countersign::client
