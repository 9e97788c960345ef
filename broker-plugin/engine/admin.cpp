#include "engine/admin.hpp"

#include <algorithm>
#include <array>

#include "engine/admin_json.hpp"
#include "engine/trail.hpp"

namespace countersign::engine {
namespace {

constexpr std::size_t kMaxCommands = 256;
/// Hashing one takes milliseconds of the broker's only thread.
constexpr std::size_t kMaxPasswords = 16;
constexpr std::string_view kAdminRole = "admin";
constexpr std::string_view kRegistrarRole = "registrar";

}  // namespace

struct Admin::Batch {
  ClientHandle handle;
  std::string requester;
  bool limited = false;  // may do what a registrar may
  std::uint16_t kid;
  std::size_t passwords = 0;  // given so far
  Json responses = Json::array();
  std::size_t outstanding = 1;  // the request itself, until all of it is read

  Batch() = default;
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;
  ~Batch() { wipe_texts(responses); }  // a registration's secrets are shown once
};

std::span<const Admin::Entry> Admin::commands() {
  static constexpr std::array kCommands{
      Entry{"registerDevice", &Admin::register_device, true},
      Entry{"listDevices", &Admin::list_devices, true},
      Entry{"getDevice", &Admin::get_device, true},
      Entry{"disableDevice", &Admin::disable},
      Entry{"enableDevice", &Admin::enable},
      Entry{"removeDevice", &Admin::remove, true},
      Entry{"blockDevice", &Admin::block},
      Entry{"unblockDevice", &Admin::unblock},
      Entry{"reinstateDevice", &Admin::reinstate},
      Entry{"rekeyDevice", &Admin::rekey},
      Entry{"resetEpoch", &Admin::reset_epoch},
      Entry{"addDeviceRole", &Admin::add_role},
      Entry{"removeDeviceRole", &Admin::remove_role},
      Entry{"listSessions", &Admin::list_sessions},
      Entry{"endSession", &Admin::end_session},
      Entry{"createEnrolmentToken", &Admin::create_token, true},
      Entry{"listEnrolmentTokens", &Admin::list_tokens, true},
      Entry{"revokeEnrolmentToken", &Admin::revoke_token, true},
      Entry{"listCards", &Admin::list_cards},
      Entry{"locateCard", &Admin::locate_card, false, true},
      Entry{"blockCard", &Admin::block_card, false, true},
      Entry{"unblockCard", &Admin::unblock_card, false, true},
      Entry{"listLevels", &Admin::list_levels},
      Entry{"getMetrics", &Admin::get_metrics},
  };
  return kCommands;
}

void Admin::take(const Connection& connection, LiveSession& session, std::string_view request,
                 Millis now) {
  auto batch = std::make_shared<Batch>();
  batch->handle = connection.handle;
  batch->requester = connection.identity;
  batch->kid = session.kid;
  const Principal* const requester = context_.registry.find(connection.identity);
  const bool admin = requester != nullptr && context_.registry.has_role(*requester, kAdminRole);
  batch->limited = !admin;
  if (requester == nullptr || !(admin || context_.registry.has_role(*requester, kRegistrarRole))) {
    audit_refusal(context_, "admin", Refusal::denied, &connection, requester, now);
    batch->responses.push_back({{"error", "Not an administrator"}});
    send(*batch);
    return;
  }
  std::optional<Json> commands = parse_commands(request);
  if (!commands || commands->size() > kMaxCommands) {
    audit_refusal(context_, "admin", Refusal::malformed, &connection, requester, now);
    batch->responses.push_back({{"error", "Invalid/missing commands"}});
    send(*batch);
    return;
  }
  for (Json& command : *commands) {
    run(batch, command, now);
    wipe_secrets(command);  // where it was not taken
  }
  finish(batch);
}

void Admin::run(const std::shared_ptr<Batch>& batch, Json& command, Millis now) {
  const std::size_t index = batch->responses.size();
  batch->responses.push_back(Json::object());
  Json& response = batch->responses.back();
  if (!command.is_object()) {
    response["error"] = "Command not an object";
    return;
  }
  const std::string name = text_at(command, "command");
  if (name.empty()) {
    response["error"] = "Missing command";
    return;
  }
  response["command"] = name;
  if (const auto data = command.find("correlationData"); data != command.end()) {
    if (!data->is_string()) {
      response["error"] = "Invalid correlationData data type";
      return;
    }
    response["correlationData"] = *data;
  }
  const auto all = Admin::commands();
  const auto entry =
      std::find_if(all.begin(), all.end(), [&](const Entry& known) { return known.name == name; });
  if (entry == all.end()) {
    response["error"] = "Unknown command";
    return;
  }
  if (command.contains("password") && ++batch->passwords > kMaxPasswords) {
    response["error"] = "More than 16 passwords in one request: send passwordHash, or fewer";
    return;
  }
  if (batch->limited) {
    command["registered"] = true;
  }
  if (entry->by_card) {
    const auto uid = parse_card_uid(text_at(command, "card"));
    const Principal* const holder = uid ? context_.registry.holder_of(*uid) : nullptr;
    command["identity"] = holder == nullptr ? std::string{} : holder->identity;
  }
  queue({batch, index, &*entry, std::move(command)}, now);
}

/// A registrar speaks for strangers: whoever takes it over reaches no key, no card and no
/// administrator.
bool Admin::beyond_registrar(const Entry& entry, const Json& command) {
  const Principal* const about = named(command);
  const bool reaches = about == nullptr || is_registrars(*about);
  const auto roles = words_at(command, "roles");
  const bool gives = roles && std::any_of(roles->begin(), roles->end(), [](const auto& role) {
                       return role == kAdminRole || role == kRegistrarRole;
                     });
  return !entry.registrar || !reaches || gives || command.contains("key");
}

bool Admin::is_registrars(const Principal& principal) const {
  return principal.registration() != nullptr &&
         !context_.registry.has_role(principal, kAdminRole) &&
         !context_.registry.has_role(principal, kRegistrarRole);
}

void Admin::queue(Task task, Millis now) {
  ++task.batch->outstanding;
  const auto busy = writing_.find(text_at(task.command, "identity"));
  if (busy != writing_.end()) {
    busy->second.push_back(std::move(task));
  } else {
    execute(std::move(task), now);
  }
}

void Admin::execute(Task task, Millis now) {
  // asked now, not when it was queued: what it is about may have become somebody else since
  Effect effect = task.batch->limited && beyond_registrar(*task.entry, task.command)
                      ? failed("Not for a registrar")
                      : (this->*task.entry->handler)(task.command, now);
  wipe_secrets(task.command);
  audit(task, effect, now);
  Json& response = task.batch->responses[task.index];
  if (!effect.error.empty()) {
    response["error"] = effect.error;
  } else if (!effect.data.is_null()) {
    response["data"] = std::move(effect.data);
  }
  if (effect.error.empty() && effect.change) {
    const std::string identity = identity_of(*effect.change);
    write(task, identity, std::move(effect));
  } else if (effect.error.empty() && effect.later) {
    effect.later([this, batch = task.batch, index = task.index](Json data) {
      batch->responses[index]["data"] = std::move(data);
      finish(batch);
    });
  } else {
    finish(task.batch);
  }
}

void Admin::audit(const Task& task, const Effect& effect, Millis now) {
  const bool watches =
      task.entry->handler == &Admin::list_levels || task.entry->handler == &Admin::list_cards;
  if (watches && effect.error.empty()) {
    return;  // asked every second by whoever watches
  }
  const Batch& batch = *task.batch;
  AuditLine line = line_of("admin", context_.connections.find(batch.handle), nullptr, now);
  const std::string detail =
      text_at(task.command, "command") + " " + text_at(task.command, "identity") +
      (task.entry->by_card ? " " + text_at(task.command, "card") : std::string{});
  line.identity = batch.requester;
  line.verdict = effect.error.empty() ? "accept" : "refuse";
  line.why = effect.error.empty() ? Refusal::none : Refusal::denied;
  line.detail = detail;
  context_.audit.write(line);
}

/// Makes the change durable; until then other commands about the identity wait.
void Admin::write(const Task& task, const std::string& identity, Effect effect) {
  writing_.try_emplace(identity);
  context_.commits.submit(
      std::move(*effect.change),
      [this, batch = task.batch, index = task.index, identity, in_force = effect.in_force,
       apply = std::move(effect.once_durable),
       data = std::move(effect.data_once_durable)](bool durable, Millis now) {
        if (!durable) {
          Json& response = batch->responses[index];
          response.erase("data");
          response["error"] =
              std::string{in_force ? "In force, but not durable: " : "Not durable, so not done: "} +
              context_.commits.failure();
        }
        if (apply) {
          apply(durable ? now : -1);
        }
        if (durable && data) {
          batch->responses[index]["data"] = data(now);
        }
        finish(batch);
        release(identity, now);
      });
}

/// The change of `identity` is written: the next command about it may look.
void Admin::release(const std::string& identity, Millis now) {
  auto found = writing_.extract(identity);
  if (found.empty()) {
    return;
  }
  std::deque<Task> waiting = std::move(found.mapped());
  while (!waiting.empty()) {
    Task task = std::move(waiting.front());
    waiting.pop_front();
    execute(std::move(task), now);
    if (const auto busy = writing_.find(identity); busy != writing_.end()) {
      busy->second = std::move(waiting);
      return;
    }
  }
}

/// One command is answered, or all are read: the last one sends the reply.
void Admin::finish(const std::shared_ptr<Batch>& batch) {
  if (--batch->outstanding == 0) {
    send(*batch);
  }
}

void Admin::send(const Batch& batch) {
  Connection* const connection = context_.connections.find(batch.handle);
  Principal* const requester = context_.registry.find(batch.requester);
  if (connection == nullptr || connection->departed || requester == nullptr ||
      connection->identity != batch.requester) {
    return;
  }
  auto* const session = static_cast<LiveSession*>(requester->find(batch.kid));
  if (session != nullptr) {
    std::string reply =
        Json{{"responses", batch.responses}}.dump(-1, ' ', true, Json::error_handler_t::replace);
    postman_.reply(*connection, *session, reply);
    wipe(std::as_writable_bytes(std::span{reply}));
  }
}

Admin::Effect Admin::failed(std::string error) {
  Effect effect;
  effect.error = std::move(error);
  return effect;
}

Principal* Admin::named(const Json& command) {
  return context_.registry.find(text_at(command, "identity"));
}

bool Admin::is_last_admin(const Principal& principal) {
  if (!context_.registry.has_role(principal, kAdminRole)) {
    return false;
  }
  bool others = false;
  context_.registry.for_each([&](Principal& other) {
    others = others || (&other != &principal && context_.registry.has_role(other, kAdminRole) &&
                        other.method() != Method::password && !other.disabled && !other.blocked &&
                        !other.cloned);
  });
  return !others;
}

}  // namespace countersign::engine
