#include "engine/admin.hpp"

#include <algorithm>
#include <array>

#include "engine/admin_json.hpp"
#include "engine/trail.hpp"

namespace countersign::engine {
namespace {

constexpr std::size_t kMaxCommands = 256;

}  // namespace

struct Admin::Batch {
  ClientHandle handle;
  std::string requester;
  std::uint16_t kid;
  Json responses = Json::array();
  std::size_t outstanding = 1;  // the request itself, until all of it has run
};

std::span<const Admin::Entry> Admin::commands() {
  static constexpr std::array kCommands{
      Entry{"registerDevice", &Admin::register_device},
      Entry{"listDevices", &Admin::list_devices},
      Entry{"getDevice", &Admin::get_device},
      Entry{"disableDevice", &Admin::disable},
      Entry{"enableDevice", &Admin::enable},
      Entry{"removeDevice", &Admin::remove},
      Entry{"blockDevice", &Admin::block},
      Entry{"unblockDevice", &Admin::unblock},
      Entry{"reinstateDevice", &Admin::reinstate},
      Entry{"rekeyDevice", &Admin::rekey},
      Entry{"resetEpoch", &Admin::reset_epoch},
      Entry{"addDeviceRole", &Admin::add_role},
      Entry{"removeDeviceRole", &Admin::remove_role},
      Entry{"listSessions", &Admin::list_sessions},
      Entry{"endSession", &Admin::end_session},
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
  if (requester == nullptr || !context_.registry.has_role(*requester, "admin")) {
    audit_refusal(context_, "admin", Refusal::denied, &connection, requester, now);
    batch->responses.push_back({{"error", "Not an administrator"}});
    send(*batch);
    return;
  }
  const Json parsed = Json::parse(request, nullptr, false);
  if (parsed.is_discarded() || !parsed.is_object() || !parsed.contains("commands") ||
      !parsed["commands"].is_array() || parsed["commands"].size() > kMaxCommands) {
    batch->responses.push_back({{"error", "Invalid/missing commands"}});
    send(*batch);
    return;
  }
  for (const Json& command : parsed["commands"]) {
    run(batch, command, now);
  }
  if (--batch->outstanding == 0) {
    send(*batch);
  }
}

void Admin::run(const std::shared_ptr<Batch>& batch, const Json& command, Millis now) {
  const std::size_t index = batch->responses.size();
  batch->responses.push_back(Json::object());
  Json& response = batch->responses.back();
  if (!command.is_object()) {
    response["error"] = "Command not an object";
    return;
  }
  const std::string name = text_at(command, "command");
  response["command"] = name;
  if (command.contains("correlationData") && command["correlationData"].is_string()) {
    response["correlationData"] = command["correlationData"];
  }
  const auto all = commands();
  const auto entry =
      std::find_if(all.begin(), all.end(), [&](const Entry& known) { return known.name == name; });
  if (entry == all.end()) {
    response["error"] = name.empty() ? "Missing command" : "Unknown command";
    return;
  }
  Effect effect = (this->*entry->handler)(command, now);
  AuditLine line = line_of("admin", context_.connections.find(batch->handle), nullptr, now);
  const std::string detail = name + " " + text_at(command, "identity");
  line.identity = batch->requester;
  line.verdict = effect.error.empty() ? "accept" : "refuse";
  line.why = effect.error.empty() ? Refusal::none : Refusal::denied;
  line.detail = detail;
  context_.audit.write(line);
  answer(batch, index, std::move(effect), now);
}

void Admin::answer(const std::shared_ptr<Batch>& batch, std::size_t index, Effect effect,
                   Millis now) {
  Json& response = batch->responses[index];
  if (!effect.error.empty()) {
    response["error"] = effect.error;
    return;
  }
  if (!effect.data.is_null()) {
    response["data"] = std::move(effect.data);
  }
  if (!effect.change) {
    return;
  }
  ++batch->outstanding;
  context_.commits.submit(
      std::move(*effect.change),
      [this, batch, index, apply = std::move(effect.once_durable)](bool durable, Millis then) {
        if (!durable) {
          batch->responses[index]["error"] =
              "Not durable, so not done: " + context_.commits.failure();
        }
        if (apply) {
          apply(durable ? then : -1);
        }
        if (--batch->outstanding == 0) {
          send(*batch);
        }
      });
  static_cast<void>(now);
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
    const std::string reply =
        Json{{"responses", batch.responses}}.dump(-1, ' ', true, Json::error_handler_t::replace);
    postman_.reply(*connection, *session, reply);
  }
}

Principal* Admin::named(const Json& command) {
  return context_.registry.find(text_at(command, "identity"));
}

bool Admin::is_last_admin(const Principal& principal) {
  if (!context_.registry.has_role(principal, "admin")) {
    return false;
  }
  bool others = false;
  context_.registry.for_each([&](Principal& other) {
    others = others || (&other != &principal && context_.registry.has_role(other, "admin") &&
                        !other.disabled && !other.blocked && !other.cloned);
  });
  return !others;
}

}  // namespace countersign::engine
