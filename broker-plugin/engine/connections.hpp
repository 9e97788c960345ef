#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "countersign/footprint.hpp"
#include "countersign/will.hpp"
#include "engine/broker.hpp"
#include "engine/handle_map.hpp"

namespace countersign::engine {

struct Principal;

/// An identity that was found once, to be found again without looking; see `Registry::find`.
struct Found {
  Principal* principal = nullptr;
  std::uint64_t removals = 0;  ///< how many identities had been removed by then
};

enum class Standing : std::uint8_t {
  stranger,  ///< AUTH0: may do nothing but shake hands
  proven,    ///< has an identity
  foreign,   ///< Countersign does not know it; other access control may
  intruder,  ///< uses an owned client id without having passed our door: no rights, kicked
};

/// One connection, keyed by the broker's context. State keyed by client id would be wiped by the
/// takeover that follows a new login.
struct Connection {
  // what every message asks for stands together
  ClientHandle handle = nullptr;
  Standing standing = Standing::foreign;
  bool opened_first = false;  ///< an m1 of this connection opened
  bool departed = false;      ///< has disconnected; kept for its will and its stored session
  bool superseded = false;    ///< a newer CONNECT with its client id was accepted; until TICK
  bool unannounced = false;   ///< never came through our door
  std::uint16_t kid = 0;      ///< the session that proved it
  std::string identity;       ///< if proven
  Found found;                ///< what `identity` names
  Footprint footprint;        ///< of its last message
  std::uint64_t serial = 0;   ///< tells it from another at the same place in memory
  std::string client_id;
  std::string username;  ///< as the broker knows it: what a relay is recognised by
  std::string address;
  std::uint32_t resume_n = 0;  ///< 0 where AUTH0 was raised
  std::string proof;  ///< digest of the password it came with: tells the same CONNECT again
  Millis since = 0;
  unsigned bad_messages = 0;
  std::optional<WillCommitment> will;
  std::uint16_t will_kid = 0;  ///< the session that committed to it: the will dies with it
  std::array<std::uint32_t, 8> qos2_seqs{};  ///< the last ones delivered here, to answer resends
  std::uint8_t qos2_next = 0;
  Millis last_hint = 0;
};

/// All connections of the broker.
class Connections {
 public:
  /// The record of `handle`, or null.
  [[nodiscard]] Connection* find(ClientHandle handle);
  /// A fresh record for `handle`; an older one of the same context goes.
  Connection& admit(ClientHandle handle, std::string client_id, std::string address, Millis now);
  void erase(ClientHandle handle);

  /// Marks `handle` as disconnected. Its record stays, for its will is asked about only afterwards.
  void depart(ClientHandle handle);

  /// Forgets the departed whose will, if any, has fired: all but those with an identity, which may
  /// have a stored session or a delayed will. Call it from TICK.
  void forget_departed();

  /// Marks every other connection with that client id as superseded, until `clear_superseded`.
  void supersede(std::string_view client_id, ClientHandle newer);
  void clear_superseded();

  /// The live connection with that client id, or null.
  [[nodiscard]] Connection* live(std::string_view client_id);
  [[nodiscard]] bool is_live(std::string_view client_id) { return live(client_id) != nullptr; }

  void for_each(const std::function<void(Connection&)>& visit);
  [[nodiscard]] std::size_t count(Standing standing) const;
  [[nodiscard]] std::size_t size() const { return by_handle_.size(); }

  /// Asks for the connection to be closed at TICK: the one after the next, for what was sent to it
  /// last leaves only with the broker's next turn.
  void kick_later(const Connection& connection, bool with_will);

  struct Kick {
    ClientHandle handle;
    std::uint64_t serial;
    bool with_will;
  };
  /// What is due to be closed. Call it once in each TICK.
  [[nodiscard]] std::vector<Kick> take_kicks();

 private:
  HandleMap<Connection> by_handle_;
  std::unordered_multimap<std::string, Connection*> by_client_id_;
  std::vector<ClientHandle> superseded_;
  std::vector<ClientHandle> departed_;
  std::vector<Kick> kicks_;
  std::vector<Kick> due_kicks_;
  std::uint64_t last_serial_ = 0;
};

}  // namespace countersign::engine
