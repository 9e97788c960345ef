#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "agent/event_queue.hpp"
#include "countersign/card.hpp"

namespace countersign::cli {

/// What is in each reader of this host, and the events that say so. One thread.
class ReaderBook {
 public:
  explicit ReaderBook(EventQueue& events) : events_{events} {}

  void add(const std::string& reader);
  void remove(const std::string& reader);
  /// A card came. \returns what to name when it was asked who it is.
  [[nodiscard]] std::uint64_t insert(const std::string& reader);
  /// It said who it is, or that it is none of ours; nobody cares if it has gone meanwhile.
  void identified(const std::string& reader, std::uint64_t insertion,
                  const std::optional<CardUid>& uid);
  /// It went.
  void take_out(const std::string& reader);

  /// The event that says who is here and with which cards.
  void announce();

 private:
  struct Slot {
    std::uint64_t insertion = 0;  ///< 0: empty
    bool asked = false;           ///< who it is nobody knows yet
    std::optional<CardUid> uid;
  };

  void tell(std::string_view event, const std::string& reader, const Slot& slot);

  EventQueue& events_;
  std::map<std::string, Slot> slots_;
  std::uint64_t insertions_ = 0;
};

}  // namespace countersign::cli
