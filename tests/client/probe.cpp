// A program on the client library that does what a test tells it: one JSON command a line on stdin,
// one JSON answer a line on stdout. It decides nothing.

#include <chrono>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <thread>

#include "client/card_probe.hpp"
#include "countersign/client/card/card_key.hpp"
#include "countersign/client/client.hpp"
#include "countersign/client/software_key.hpp"

namespace {

using countersign::bytes_of;
using countersign::text_of;
namespace client = countersign::client;
using client::test::answer;
using client::test::done;
using client::test::failure;
using client::test::Json;

Json shown(const client::SessionInfo& session) {
  return {{"ok", true},
          {"identity", session.identity},
          {"client_id", session.client_id},
          {"kid", session.kid},
          {"last_kid", session.last.kid}};
}

Json shown(const client::Published& published) {
  return {{"ok", true},
          {"kid", published.kid},
          {"seq", published.seq},
          {"accepted", published.accepted},
          {"attempts", published.attempts}};
}

Json shown(const client::Message& message) {
  Json out{{"topic", message.topic},     {"payload", text_of(message.payload)},
           {"signer", message.signer},   {"level", message.level},
           {"on_card", message.on_card}, {"retained", message.retained}};
  if (message.score) {
    out["score"] = *message.score;
  }
  return out;
}

client::PublishOptions publish_options(const Json& from) {
  client::PublishOptions out;
  out.qos = from.value("qos", std::uint8_t{1});
  out.retain = from.value("retain", false);
  out.sealed = from.value("sealed", false);
  out.short_tag = from.value("short", false);
  out.on_card = from.value("on_card", false);
  out.confirm = from.value("confirm", false);
  out.form = from.value("property", false) ? client::Form::property : client::Form::payload;
  if (from.contains("content_type")) {
    out.properties.content_type = from["content_type"].get<std::string>();
  }
  return out;
}

client::TlsOptions tls_options(const Json& from) {
  return {.enabled = from.value("enabled", false),
          .cafile = from.value("cafile", ""),
          .capath = from.value("capath", ""),
          .cert = from.value("cert", ""),
          .key = from.value("key", ""),
          .version = from.value("version", ""),
          .ciphers = from.value("ciphers", ""),
          .alpn = from.value("alpn", ""),
          .psk = from.value("psk", ""),
          .psk_identity = from.value("psk_identity", ""),
          .insecure = from.value("insecure", false)};
}

client::Options client_options(const Json& from) {
  client::Options out;
  out.host = "127.0.0.1";
  out.port = from.at("port").get<std::uint16_t>();
  out.mqtt = from.value("mqtt", 5) == 5 ? client::MqttVersion::v5 : client::MqttVersion::v311;
  out.server_id = from.value("server_id", "plant-broker");
  out.suite =
      from.value("suite", 1) == 1 ? countersign::Suite::x25519 : countersign::Suite::symmetric;
  out.step_one =
      from.value("step1", "connect") == "topic" ? client::StepOne::topic : client::StepOne::connect;
  out.session_expiry_s = from.value("expiry", 0U);
  out.patience.hint_delay = 0;
  out.patience.login = from.value("login_ms", 10'000);
  out.patience.answer = from.value("answer_ms", 10'000);
  out.patience.repeat_first = from.value("repeat_ms", 200);
  out.keepalive_s = from.value("keepalive", std::uint16_t{60});
  out.reconnect = from.value("reconnect", true);
  if (from.contains("tls")) {
    out.tls = tls_options(from["tls"]);
  }
  if (from.contains("suffix")) {
    out.suffix = from["suffix"].get<std::string>();
  }
  if (from.contains("will")) {
    const auto payload = bytes_of(from["will"]["payload"].get_ref<const std::string&>());
    out.will =
        client::WillOptions{from["will"]["topic"], {payload.begin(), payload.end()}, 1, false};
  }
  return out;
}

client::Outcome<std::unique_ptr<client::KeySource>> open_key(const Json& from) {
  if (from.contains("key")) {
    auto key = client::SoftwareKey::open(from["key"]);
    return key ? client::Outcome<std::unique_ptr<client::KeySource>>{std::move(*key)} : key.why();
  }
  auto card = client::find_card({.uid = from.value("uid", ""), .reader = {}});
  if (!card) {
    return card.why();
  }
  auto key =
      client::CardKey::open(std::move(*card), [pin = from.value("pin", "")](const auto& ask) {
        if (ask.tries_left == 1 || ask.again) {
          return client::Outcome<client::Pin>{client::Error{client::Fault::card, "nobody to ask"}};
        }
        return client::Pin::from(pin);
      });
  return key ? client::Outcome<std::unique_ptr<client::KeySource>>{std::move(*key)} : key.why();
}

class Probe {
 public:
  Json run(const Json& command) {
    const auto name = command.at("do").get<std::string>();
    if (name == "open") {
      return open(command);
    }
    if (name.starts_with("card_")) {
      return card_.run(command);
    }
    if (!client_) {
      return {{"text", "not open"}};
    }
    if (name == "login") {
      return answer(client_->login(), [](const auto& session) { return shown(session); });
    }
    if (name == "publish") {
      const auto& payload = command.at("payload").get_ref<const std::string&>();
      return answer(client_->publish(command.at("topic").get<std::string>(), bytes_of(payload),
                                     publish_options(command)),
                    [](const auto& published) { return shown(published); });
    }
    if (name == "stream") {
      return stream(command);
    }
    if (name == "settle") {
      return settle(command);
    }
    if (name == "receipt") {
      return answer(client_->request_receipt(), [](const countersign::Receipt& receipt) {
        return Json{{"ok", true}, {"kid", receipt.kid}, {"edge", receipt.accepted.edge}};
      });
    }
    if (name == "subscribe") {
      return answer(client_->subscribe(command.at("filter").get<std::string>(), 1,
                                       [this](const auto& message) { keep(shown(message)); }),
                    done);
    }
    if (name == "next") {
      return next();
    }
    if (name == "admin") {
      return answer(client_->admin(command.at("command").dump()), [](const std::string& data) {
        return Json{{"ok", true}, {"data", Json::parse(data)}};
      });
    }
    if (name == "session") {
      Json out = answer(client_->session(), [](const auto& session) { return shown(session); });
      out["state"] = client::name_of(client_->state());
      return out;
    }
    client_.reset();
    return {{"ok", true}};
  }

 private:
  Json open(const Json& command) {
    auto key = open_key(command);
    if (!key) {
      return failure(key.why());
    }
    client_ = std::make_unique<client::Client>(
        client_options(command), std::move(*key),
        client::Observer{
            .on_state = [](client::State,
                           const std::string& text) { std::cerr << text << std::endl; },
            .on_notice =
                [](const countersign::Notice& notice) {
                  std::cerr << "notice " << countersign::name_of(notice.why) << std::endl;
                },
            .on_receipt = {},
            .on_card_order = {}});
    return {{"ok", true}};
  }

  /// Many messages at once, each with its own outcome; `settle` collects them.
  Json stream(const Json& command) {
    const auto count = command.at("count").get<int>();
    for (int i = 0; i < count; ++i) {
      const std::string payload = std::to_string(i);
      client_->publish_async(command.at("topic").get<std::string>(), bytes_of(payload),
                             publish_options(command), [this](const auto& outcome) {
                               const std::lock_guard lock{mutex_};
                               (outcome ? good_ : bad_) += 1;
                               if (!outcome) {
                                 std::cerr << outcome.why().text << std::endl;
                               }
                             });
    }
    return {{"ok", true}};
  }

  Json settle(const Json& command) {
    const auto waited = client_->wait_pending(0, command.value("ms", 20'000));
    const std::lock_guard lock{mutex_};
    Json out{{"ok", static_cast<bool>(waited)}, {"good", good_}, {"bad", bad_}};
    good_ = bad_ = 0;
    return out;
  }

  void keep(Json message) {
    const std::lock_guard lock{mutex_};
    messages_.push_back(std::move(message));
    arrived_.notify_one();
  }

  Json next() {
    std::unique_lock lock{mutex_};
    if (!arrived_.wait_for(lock, std::chrono::seconds{5}, [&] { return !messages_.empty(); })) {
      return {{"text", "no message"}};
    }
    Json message = messages_.front();
    messages_.erase(messages_.begin());
    message["ok"] = true;
    return message;
  }

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<Json> messages_;
  int good_ = 0;
  int bad_ = 0;
  client::test::CardProbe card_;
  std::unique_ptr<client::Client> client_;
};

}  // namespace

int main() {
  Probe probe;
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << probe.run(Json::parse(line)).dump() << std::endl;
  }
  return 0;
}
