#include "engine/server.hpp"

#include "engine/arrivals.hpp"
#include "engine/session_image.hpp"
#include "engine/topics.hpp"
#include "engine/trail.hpp"
#include "store/key_file.hpp"
#include "store/sqlite_store.hpp"
#include "store/state_file.hpp"

namespace countersign::engine {
namespace {

/// How often what evaluators learned is written.
constexpr Millis kLearnedEvery = 600'000;
constexpr Millis kHousekeeping = 1000;

store::Failure failure_of(const config::ConfigError& error) {
  return {.text = error.text(), .hint = {}};
}

store::Outcome<std::unique_ptr<store::Store>> open_store(const config::Settings& settings) {
  auto key = store::load_key_file(settings.files.key);
  if (!key) {
    return key.why();
  }
  auto database = store::SqliteStore::open(settings.files.database, std::move(*key));
  if (!database) {
    return database.why();
  }
  store::Outcome<std::unique_ptr<store::Store>> opened{std::move(*database)};
  const auto server_id = (*opened)->server_id();
  if (!server_id) {
    return server_id.why();
  }
  if (*server_id != settings.server_id) {
    return store::Failure{.text = "the database was made for server_id \"" + *server_id +
                                  "\", the configuration says \"" + settings.server_id + "\"",
                          .hint = "write the database's server_id into the configuration"};
  }
  return opened;
}

}  // namespace

store::Outcome<std::unique_ptr<Server>> Server::start(const std::string& config_path,
                                                      Broker& broker, Millis now) {
  auto settings = config::load_settings(config_path);
  if (!settings) {
    return failure_of(settings.why());
  }
  auto lock = store::Lock::take(settings->files.database);
  if (!lock) {
    return lock.why();
  }
  auto opened = open_store(*settings);
  if (!opened) {
    return opened.why();
  }
  store::Store& store = **opened;
  const std::string state = settings->files.state;
  std::unique_ptr<Server> server;
  try {
    server.reset(new Server{config_path, std::move(*settings), std::move(*lock), broker});
  } catch (const std::exception& error) {
    return store::Failure{.text = error.what(), .hint = {}};
  }
  if (const auto loaded = server->load(store, now); !loaded) {
    return loaded.why();
  }
  auto begun = store::begin_run(store, state);
  if (!begun) {
    return begun.why();
  }
  server->restore(std::move(*begun), now);
  opened->reset();  // the writer opens it anew, in its own thread
  if (const auto writing = server->begin_writing(); !writing) {
    return writing.why();
  }
  return server;
}

Server::Server(std::string config_path, config::Settings settings, store::Lock lock, Broker& broker)
    : config_path_{std::move(config_path)},
      settings_{std::move(settings)},
      lock_{std::move(lock)},
      broker_{broker},
      audit_{settings_.files.audit, settings_.audit.queue},
      registry_{crypto_},
      addresses_{settings_.connections.back_off_max},
      context_{crypto_,      random_,    broker_, &settings_, registry_, dataserv_,
               connections_, addresses_, audit_,  commits_,   metrics_},
      sessions_{context_},
      postman_{context_},
      inspector_{context_, sessions_},
      admission_{context_, sessions_, inspector_},
      auth_serv_{context_, sessions_, inspector_, postman_, admission_},
      desk_{context_, sessions_, postman_, admission_, auth_serv_},
      fleet_{context_, postman_},
      publishes_{context_, sessions_, inspector_, postman_, auth_serv_, fleet_},
      admin_{context_, sessions_, inspector_, desk_, postman_, fleet_},
      controls_{context_, desk_, auth_serv_, publishes_, sessions_, postman_, admin_, fleet_},
      door_{context_, auth_serv_},
      access_{context_} {}

Server::~Server() = default;

store::Status Server::load(store::Store& store, Millis now) {
  const auto count = store.count();
  if (!count) {
    return count.why();
  }
  registry_.reserve(*count);
  const auto loaded = store.load([this, now](store::Record&& record) {
    Principal& principal = registry_.put(record);
    if (principal.expelled_until > now) {
      sessions_.watch(principal);
    }
  });
  if (!loaded) {
    return loaded.why();
  }
  const auto cards =
      store.load_cards([this](store::Card&& card) { registry_.learn_card(std::move(card)); });
  if (!cards) {
    return cards.why();
  }
  const auto tokens =
      store.load_tokens([this](store::EnrolmentToken&& token) { admin_.load(std::move(token)); });
  if (!tokens) {
    return tokens.why();
  }
  if (const auto learned = load_learned(store); !learned) {
    return learned.why();
  }
  audit_fact(context_, "start", nullptr, nullptr, now,
             std::to_string(registry_.size()) + " identities");
  return store::Done{};
}

store::Status Server::load_learned(store::Store& store) {
  dataserv_.serve(settings_);
  return store.load_learned([this](store::SetLearned&& learned) {
    if (!dataserv_.restore(learned.name, learned.image)) {
      broker_.log(Severity::warning, "what was learned of \"" + learned.name +
                                         "\" is damaged: that evaluator begins anew");
    }
  });
}

/// What was learned since is lost if the broker is killed: a baseline lags, no score moves.
void Server::note_learned() {
  dataserv_.save([this](dataserv::DataServ::Learned&& learned) {
    commits_.submit(store::SetLearned{std::move(learned.name), std::move(learned.image)});
  });
}

void Server::restore(store::Start start, Millis now) {
  run_ = start.run;
  if (!start.note.empty()) {
    broker_.log(Severity::warning, start.note);
    audit_fact(context_, "start", nullptr, nullptr, now, start.note);
  }
  if (!start.state) {
    return;
  }
  if (!restore_sessions(*start.state, crypto_, registry_, sessions_)) {
    broker_.log(Severity::warning,
                "the saved sessions are damaged: those after the fault are lost");
  }
  wipe(*start.state);
}

store::Status Server::begin_writing() {
  auto writer = store::Writer::start([this] { return open_store(settings_); }, waker_);
  if (!writer) {
    return writer.why();
  }
  writer_ = std::move(*writer);
  commits_.begin(*writer_);
  return store::Done{};
}

void Server::on_control(const Incoming& incoming, Millis now) {
  // nobody asked us about a bridge that this broker opens: a handshake may be the first we see of
  // it
  Connection& connection =
      meet(context_, incoming.handle, incoming.client_id, incoming.address, now);
  if (connection.standing == Standing::intruder) {
    return;
  }
  if (incoming.topic == kAuthTopic) {
    controls_.take_auth(connection, incoming.payload, incoming.qos, now);
  } else if (incoming.topic == kAdminTopic) {
    controls_.take_admin(connection, incoming.payload, incoming.qos, now);
  }
}

void Server::on_disconnect(ClientHandle handle, Millis now) {
  desk_.forget(handle);
  fleet_.depart(handle, now);
  connections_.depart(handle);
}

void Server::on_tick(Millis now) {
  door_.reasking(false);
  connections_.clear_superseded();
  connections_.forget_departed();
  commits_.drain(now);
  auth_serv_.send_questions();
  fleet_.tick(now);
  if (now - housekept_ >= kHousekeeping || now < housekept_) {
    housekept_ = now;
    keep_house(now);
  }
  kick();
}

void Server::keep_house(Millis now) {
  inspector_.tick(now);
  sessions_.tick(now);
  desk_.tick(now);
  fleet_.sweep(now);
  door_.tick(now);
  addresses_.forget(now);
  report_trouble();
  if (now - learned_noted_ >= kLearnedEvery || now < learned_noted_) {
    learned_noted_ = now;
    note_learned();
  }
}

/// Kicking re-enters us, so nothing may be held here that a callback could change.
void Server::kick() {
  for (const Connections::Kick& kick : connections_.take_kicks()) {
    const Connection* const connection = connections_.find(kick.handle);
    if (connection != nullptr && connection->serial == kick.serial && !connection->departed &&
        !connection->superseded) {
      // a copy: the record goes while the broker works
      const std::string client_id = connection->client_id;
      broker_.kick(client_id, kick.with_will);
    }
  }
}

void Server::report_trouble() {
  if (commits_.failure() == trouble_) {
    return;
  }
  trouble_ = commits_.failure();
  if (trouble_.empty()) {
    broker_.log(Severity::info, "the database takes changes again");
  } else {
    broker_.log(Severity::error, "cannot write to the database: " + trouble_);
  }
}

void Server::reload(Millis now) {
  door_.reasking(true);
  auto settings = config::load_settings(config_path_);
  if (!settings) {
    broker_.log(Severity::error, "the configuration is kept as it was: " + settings.why().text());
    audit_fact(context_, "reload", nullptr, nullptr, now, "refused");
    return;
  }
  if (settings->server_id != settings_.server_id ||
      settings->strip_prefix != settings_.strip_prefix ||
      settings->files.database != settings_.files.database ||
      settings->files.key != settings_.files.key ||
      settings->files.state != settings_.files.state) {
    broker_.log(
        Severity::error,
        "the configuration is kept as it was: server_id, strip_prefix and files change only "
        "with a restart");
    audit_fact(context_, "reload", nullptr, nullptr, now, "refused");
    return;
  }
  if (!audit_.reopen(settings->files.audit)) {
    broker_.log(Severity::error, "cannot reopen the audit file: the old one is kept");
  }
  settings_ = std::move(*settings);
  dataserv_.serve(settings_);
  addresses_.set_max_backoff(settings_.connections.back_off_max);
  auth_serv_.reload();
  broker_.log(Severity::info, "configuration reloaded");
  audit_fact(context_, "reload", nullptr, nullptr, now, "taken");
}

void Server::stop() {
  std::vector<std::byte> image = save_sessions(sessions_);
  note_learned();
  writer_->flush_and_stop();
  // only what is durable may be relied on: with changes lost, nothing is restored
  if (!writer_->failing()) {
    const auto saved = store::save_state(settings_.files.state, run_, image);
    if (!saved) {
      broker_.log(Severity::warning, "sessions are not saved: " + saved.why().message());
    }
  }
  wipe(image);
}

}  // namespace countersign::engine
