#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "countersign/card.hpp"
#include "engine/context.hpp"
#include "engine/fleet_event.hpp"
#include "engine/postman.hpp"

namespace countersign::engine {

/// The issuer's commands that agents carry, in a word.
[[nodiscard]] constexpr std::string_view word_of(IssuerCommand command) {
  return command == IssuerCommand::deactivate ? "deactivate" : "activate";
}

/// Where registered cards are, and what they are ordered (docs/protocol.md, section 11). Agents say
/// what happens at their readers; only a card's own proof, made for a challenge of ours, puts it
/// anywhere. Of cards that nobody has registered nothing is kept.
class Fleet {
 public:
  /// Told whether the card proved itself meanwhile.
  using Answer = std::function<void(bool found, Millis now)>;

  Fleet(Context& context, Postman& postman) : context_{context}, postman_{postman} {}

  /// An accepted message of an agent on its topic, which came over its own connection.
  void take_event(const Connection& connection, std::string_view payload, Millis now);
  /// What an agent reports of an order. \returns false for what is no report.
  [[nodiscard]] bool take_report(const Connection& connection, ByteView payload, Millis now);

  /// Asks every connected agent for the card; who asks meanwhile shares the answer.
  void locate(const CardUid& uid, const Principal& holder, Answer answer, Millis now);
  /// The card is ordered something else: sends it where the card is, if it is anywhere.
  void deliver(const CardUid& uid, const Principal& holder, Millis now);

  [[nodiscard]] bool is_connected(std::string_view agent) const { return agents_.contains(agent); }
  /// How many registered cards are there.
  [[nodiscard]] std::size_t cards_at(std::string_view agent) const;
  /// Whether the card is still where it last proved itself.
  [[nodiscard]] bool is_present(const CardUid& uid, const KnownCard& card) const;
  /// Whether its order is with an agent that has not reported yet.
  [[nodiscard]] bool is_sent(const CardUid& uid, const store::Order& order) const;

  /// The connection has ended.
  void depart(ClientHandle handle, Millis now);
  /// Ends what cannot go on: agents whose session or standing is gone, unanswered challenges.
  void sweep(Millis now);
  /// Answers who waited too long. Call it in every TICK.
  void tick(Millis now);

 private:
  /// An order on its way; its challenge is good for one report.
  struct Asked {
    CardUid uid{};
    CardChallenge challenge{};
    IssuerCommand command = IssuerCommand::none;
    std::uint32_t n = 0;
    std::uint64_t search = 0;  ///< 0: nobody waits for it
    Millis at = 0;
  };
  struct Link {
    ClientHandle handle = nullptr;
    std::uint64_t serial = 0;
  };
  /// An agent that has said something on a connection that it still has.
  struct Agent {
    std::string host;
    std::vector<Link> links;  ///< the one that spoke last at the end
    std::deque<Asked> asked;  ///< the oldest first
    std::set<CardUid> present;
  };
  using Agents = std::map<std::string, Agent, std::less<>>;
  struct Search {
    std::uint64_t id = 0;
    Millis since = 0;
    std::set<std::string> awaited;  ///< agents
    std::string first;              ///< the one that alone was asked so far; empty: all were
    std::vector<Answer> askers;
  };

  Agents::iterator arrive(const Connection& connection);
  void come_online(const std::string& name, Agent& agent, const FleetEvent& event, Millis now);
  void lose_reader(const std::string& name, Agent& agent, std::string_view reader, Millis now);
  void ask_for(const std::string& name, Agent& agent, const FleetEvent& event, Millis now);
  bool ask(const std::string& name, Agent& agent, const CardUid& uid, const Principal& holder,
           std::uint64_t search, Millis now);
  [[nodiscard]] Connection* connection_of(const std::string& name, const Link& link,
                                          Millis now) const;
  void make_room(const std::string& name, Agent& agent, const CardUid& uid, Millis now);
  void expire(const std::string& name, Agent& agent, Millis now);
  void spend(const std::string& name, Agent& agent, const std::deque<Asked>::iterator& asked,
             Millis now);

  void judge(const Connection& connection, Agent& agent, const CardReport& report, Millis now);
  void believe(const Connection& connection, Agent& agent, Principal& holder,
               const CardReport& report, const Asked& asked, Millis now);
  void note(Principal& holder);
  void settle(const Connection& connection, Principal& holder, const CardReport& report,
              const Asked& asked, Millis now);
  void unproven(const Connection& connection, const CardReport& report, std::string_view detail,
                Millis now);

  void leave(const std::string& name, Agent& agent, const CardUid& uid, std::string_view why,
             Millis now);
  void end(Agents::iterator place, std::string_view why, Millis now);
  void heard(const CardUid& uid, std::uint64_t search, const std::string& name, Millis now);
  [[nodiscard]] bool ask_first(const CardUid& uid, const Principal& holder, Millis now);
  void ask_all(const CardUid& uid, Millis now);
  void finish(const CardUid& uid, bool found, Millis now);

  Context& context_;
  Postman& postman_;
  Agents agents_;
  std::map<CardUid, Search> searches_;
  std::uint64_t last_search_ = 0;
};

}  // namespace countersign::engine
