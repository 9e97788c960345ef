#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/desk.hpp"
#include "engine/fleet.hpp"
#include "engine/inspector.hpp"
#include "engine/postman.hpp"
#include "engine/sessions.hpp"

namespace countersign::engine {

/// Executes administration commands (docs/protocol.md, section 10): JSON in the style of
/// Mosquitto's dynamic security. What must be durable is answered after its commit; commands about
/// one identity are executed one after the other, so that none is computed from what another is
/// about to change.
class Admin {
 public:
  Admin(Context& context, Sessions& sessions, Inspector& inspector, Desk& desk, Postman& postman,
        Fleet& fleet)
      : context_{context},
        sessions_{sessions},
        inspector_{inspector},
        desk_{desk},
        postman_{postman},
        fleet_{fleet} {}

  /// An enrolment token that the store holds.
  void load(store::EnrolmentToken&& token);

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
    std::function<Json(Millis now)> data_once_durable;
    /// Whoever gets this calls it with the data, now or later.
    std::function<void(std::function<void(Json data)> answer)> later;
    bool in_force = false;  ///< took rights away at once, whatever the disk says
  };
  /// One request: answered when nothing of it is outstanding.
  struct Batch;
  using Handler = Effect (Admin::*)(const Json& command, Millis now);
  struct Entry {
    std::string_view name;
    Handler handler;
    bool registrar = false;  ///< also for the role `registrar`
    bool by_card = false;    ///< is about whoever has the card that it names
  };
  /// One command of a request, and where its answer goes.
  struct Task {
    std::shared_ptr<Batch> batch;
    std::size_t index;
    const Entry* entry;
    Json command;
  };

  [[nodiscard]] static std::span<const Entry> commands();
  void run(const std::shared_ptr<Batch>& batch, Json& command, Millis now);
  [[nodiscard]] bool beyond_registrar(const Entry& entry, const Json& command);
  [[nodiscard]] bool is_registrars(const Principal& principal) const;
  void queue(Task task, Millis now);
  void execute(Task task, Millis now);
  void write(const Task& task, const std::string& identity, Effect effect);
  void release(const std::string& identity, Millis now);
  void audit(const Task& task, const Effect& effect, Millis now);
  void finish(const std::shared_ptr<Batch>& batch);
  void send(const Batch& batch);

  Effect register_device(const Json& command, Millis now);
  Effect register_by_key(const Json& command, Millis now);
  Effect register_by_data(const Json& command, Millis now);
  Effect register_legacy(const Json& command, Millis now);
  [[nodiscard]] Effect registering(store::Record record,
                                   std::optional<store::EnrolmentToken> spent = {});
  Effect create_token(const Json& command, Millis now);
  Effect list_tokens(const Json& command, Millis now);
  Effect revoke_token(const Json& command, Millis now);
  [[nodiscard]] const store::EnrolmentToken* usable_token(const std::string& text, Millis now);
  [[nodiscard]] std::vector<const Principal*> present();
  Effect list_levels(const Json& command, Millis now);
  Effect list_devices(const Json& command, Millis now);
  Effect get_device(const Json& command, Millis now);
  Effect disable(const Json& command, Millis now);
  Effect enable(const Json& command, Millis now);
  Effect remove(const Json& command, Millis now);
  Effect block(const Json& command, Millis now);
  Effect unblock(const Json& command, Millis now);
  Effect reinstate(const Json& command, Millis now);
  Effect rekey(const Json& command, Millis now);
  void give_key(Principal& principal, const Key32& key, const std::string& card, Millis now);
  Effect reset_epoch(const Json& command, Millis now);
  Effect add_role(const Json& command, Millis now);
  Effect remove_role(const Json& command, Millis now);
  Effect list_cards(const Json& command, Millis now);
  Effect locate_card(const Json& command, Millis now);
  Effect block_card(const Json& command, Millis now);
  Effect unblock_card(const Json& command, Millis now);
  [[nodiscard]] Principal* card_holder(const Json& command);
  [[nodiscard]] Json describe_card(const CardUid& uid, Millis now) const;
  Effect list_sessions(const Json& command, Millis now);
  Effect end_session(const Json& command, Millis now);
  Effect get_metrics(const Json& command, Millis now);

  /// Applies `mend` to the record now and to the principal once the record is durable.
  Effect change(const Json& command, const std::function<void(store::Record&)>& mend,
                std::function<void(Principal&, Millis)> apply);
  /// Takes rights away: in memory at once, whatever the disk says.
  Effect lock(const Json& command, Millis now, bool Principal::*flag);
  [[nodiscard]] static Effect failed(std::string error);
  [[nodiscard]] Principal* named(const Json& command);
  [[nodiscard]] bool is_last_admin(const Principal& principal);

  Context& context_;
  Sessions& sessions_;
  Inspector& inspector_;
  Desk& desk_;
  Postman& postman_;
  Fleet& fleet_;
  /// What waits for each identity whose change is being written.
  std::unordered_map<std::string, std::deque<Task>> writing_;
  std::map<std::string, store::EnrolmentToken> tokens_;  ///< by hash
};

}  // namespace countersign::engine
