#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "engine/desk.hpp"
#include "engine/inspector.hpp"
#include "engine/postman.hpp"
#include "engine/sessions.hpp"

namespace countersign::engine {

/// Executes administration commands (docs/protocol.md, section 10): JSON in the style of
/// Mosquitto's dynamic security. What must be durable is answered after its commit.
class Admin {
 public:
  Admin(Context& context, Sessions& sessions, Inspector& inspector, Desk& desk, Postman& postman)
      : context_{context},
        sessions_{sessions},
        inspector_{inspector},
        desk_{desk},
        postman_{postman} {}

  /// Takes one request that was sealed in `session`; the reply goes to that connection alone.
  void take(const Connection& connection, LiveSession& session, std::string_view request,
            Millis now);

 private:
  using Json = nlohmann::json;

  /// What a command came to: data or an error, and what is still to be made durable.
  struct Effect {
    Json data;
    std::string error;
    std::optional<store::Change> change;
    std::function<void(Millis now)> once_durable;
  };
  /// One request: answered when nothing of it is outstanding.
  struct Batch;
  using Handler = Effect (Admin::*)(const Json& command, Millis now);
  struct Entry {
    std::string_view name;
    Handler handler;
  };

  [[nodiscard]] static std::span<const Entry> commands();
  void run(const std::shared_ptr<Batch>& batch, const Json& command, Millis now);
  void answer(const std::shared_ptr<Batch>& batch, std::size_t index, Effect effect, Millis now);
  void send(const Batch& batch);

  Effect register_device(const Json& command, Millis now);
  Effect list_devices(const Json& command, Millis now);
  Effect get_device(const Json& command, Millis now);
  Effect disable(const Json& command, Millis now);
  Effect enable(const Json& command, Millis now);
  Effect remove(const Json& command, Millis now);
  Effect block(const Json& command, Millis now);
  Effect unblock(const Json& command, Millis now);
  Effect reinstate(const Json& command, Millis now);
  Effect rekey(const Json& command, Millis now);
  Effect reset_epoch(const Json& command, Millis now);
  Effect add_role(const Json& command, Millis now);
  Effect remove_role(const Json& command, Millis now);
  Effect list_sessions(const Json& command, Millis now);
  Effect end_session(const Json& command, Millis now);
  Effect get_metrics(const Json& command, Millis now);

  /// Applies `mend` to the record now and to the principal once the record is durable.
  Effect change(const Json& command, const std::function<void(store::Record&)>& mend,
                std::function<void(Principal&, Millis)> apply);
  /// Takes rights away: in memory at once, whatever the disk says.
  Effect lock(const Json& command, Millis now, bool Principal::*flag);
  Effect change_roles(const Json& command, bool add);
  [[nodiscard]] Principal* named(const Json& command);
  [[nodiscard]] bool is_last_admin(const Principal& principal);

  Context& context_;
  Sessions& sessions_;
  Inspector& inspector_;
  Desk& desk_;
  Postman& postman_;
  std::unordered_set<std::string> registering_;
};

}  // namespace countersign::engine
