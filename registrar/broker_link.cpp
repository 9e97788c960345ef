#include "registrar/broker_link.hpp"

#include <chrono>

#include "countersign/client/software_key.hpp"
#include "registrar/note.hpp"

namespace countersign::registrar {
namespace {

constexpr std::chrono::milliseconds kLook{1'000};
constexpr Millis kSecond = 1'000;

client::Options options_of(const BrokerSettings& settings, const client::SoftwareKey& key) {
  client::Options options;
  options.host = settings.host;
  options.port = static_cast<std::uint16_t>(settings.port);
  options.tls.enabled = settings.tls;
  options.tls.cafile = settings.cafile;
  options.server_id = settings.server_id.empty() ? key.server_id() : settings.server_id;
  options.suite = key.suite();
  options.keepalive_s = 20;
  // one client, not a fleet, and somebody waits for it
  options.patience.connect = 5 * kSecond;
  options.patience.login = 10 * kSecond;
  options.patience.answer = 8 * kSecond;
  options.patience.max_back_off = 5 * kSecond;
  options.patience.hint_delay = 0;
  return options;
}

}  // namespace

client::Outcome<std::unique_ptr<BrokerLink>> BrokerLink::open(const BrokerSettings& settings) {
  auto key = client::SoftwareKey::open(settings.key_file);
  if (!key) {
    return key.why();
  }
  client::Options options = options_of(settings, **key);
  if (options.server_id.empty()) {
    return client::Error{.fault = client::Fault::file,
                         .text = settings.key_file + " does not say which server it is for",
                         .hint = "server_id in [broker]: that of the broker's countersign.toml"};
  }
  return std::make_unique<BrokerLink>(std::move(options), std::move(*key));
}

BrokerLink::BrokerLink(client::Options options, std::unique_ptr<client::KeySource> key)
    : client_{std::move(options),
              std::move(key),
              {.on_state = [this](client::State state,
                                  const std::string& text) { tell(state, text); },
               .on_notice = {},
               .on_receipt = {},
               .on_card_order = {}}},
      thread_{[this] { keep_up(); }} {}

BrokerLink::~BrokerLink() {
  {
    const std::lock_guard lock{mutex_};
    ending_ = true;
  }
  wake_.notify_all();
  // ends a login that is under way
  client_.close();
  thread_.join();
}

bool BrokerLink::online() const { return client_.state() == client::State::online; }

client::Outcome<std::string> BrokerLink::ask(std::string_view command) {
  if (!online()) {
    return client::Error{.fault = client::Fault::network, .text = "not logged in to the broker"};
  }
  return client_.admin(command);
}

/// The client makes lost connections again by itself, but not a login that failed.
void BrokerLink::keep_up() {
  std::unique_lock lock{mutex_};
  while (!ending_) {
    lock.unlock();
    if (client_.state() == client::State::offline) {
      log_in();
    }
    lock.lock();
    wake_.wait_for(lock, kLook, [this] { return ending_; });
  }
}

void BrokerLink::tell(client::State state, const std::string& text) {
  const bool is_online = state == client::State::online;
  if (is_online != was_online_ && state != client::State::closed) {
    was_online_ = is_online;
    note("broker: " + text);
  }
}

void BrokerLink::log_in() {
  const auto session = client_.login();
  // the same trouble is told once
  if (!session && session.why().text != told_ && client_.state() != client::State::closed) {
    told_ = session.why().text;
    note("cannot log in to the broker: " + told_);
  }
  if (session) {
    told_.clear();
  }
}

}  // namespace countersign::registrar
