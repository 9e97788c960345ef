#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "store/writer.hpp"

namespace countersign::engine {

/// What waits for the writer: answers that may leave only when their change is durable.
/// Only the broker's thread uses it.
class Commits {
 public:
  using Action = std::function<void(bool durable, Millis now)>;

  /// Nothing may be submitted before this. Borrows.
  void begin(store::Writer& writer) { writer_ = &writer; }

  /// Writes `change` and runs `action` from the TICK after its commit; with false from the next
  /// TICK if the writer takes nothing more.
  void submit(store::Change change, Action action = {});

  /// Writes a score within a second; later ones replace it.
  void note(store::SetReputation change) { writer_->note(std::move(change)); }

  /// Runs what has become due. Call it from TICK.
  void drain(Millis now);

  /// The text of the last failed commit, empty if the last one went well.
  [[nodiscard]] const std::string& failure() const { return failure_; }

 private:
  store::Writer* writer_ = nullptr;
  std::unordered_map<store::Ticket, Action> waiting_;
  std::vector<Action> turned_away_;
  std::string failure_;
};

}  // namespace countersign::engine
