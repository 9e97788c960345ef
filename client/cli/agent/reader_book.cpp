#include "agent/reader_book.hpp"

#include "countersign/client/card/card.hpp"

namespace countersign::cli {
namespace {

/// As many bytes as an event may name a reader with.
std::string name_of_reader(const std::string& reader) { return reader.substr(0, kMaxReaderBytes); }

Json entry_of(const std::string& reader, const std::optional<CardUid>& uid) {
  Json json{{"reader", name_of_reader(reader)}};
  if (uid) {
    json["card"] = client::hex_of(*uid);
  }
  return json;
}

}  // namespace

void ReaderBook::add(const std::string& reader) {
  if (slots_.try_emplace(reader).second) {
    events_.add("reader_added", {{"reader", name_of_reader(reader)}});
  }
}

void ReaderBook::remove(const std::string& reader) {
  take_out(reader);
  if (slots_.erase(reader) != 0) {
    events_.add("reader_removed", {{"reader", name_of_reader(reader)}});
  }
}

std::uint64_t ReaderBook::insert(const std::string& reader) {
  take_out(reader);
  Slot& slot = slots_[reader];
  slot = {.insertion = ++insertions_, .asked = true, .uid = std::nullopt};
  return slot.insertion;
}

void ReaderBook::identified(const std::string& reader, std::uint64_t insertion,
                            const std::optional<CardUid>& uid) {
  const auto found = slots_.find(reader);
  if (found == slots_.end() || found->second.insertion != insertion || !found->second.asked) {
    return;
  }
  found->second.asked = false;
  found->second.uid = uid;
  tell("inserted", reader, found->second);
}

void ReaderBook::take_out(const std::string& reader) {
  const auto found = slots_.find(reader);
  if (found == slots_.end() || found->second.insertion == 0) {
    return;
  }
  if (found->second.asked) {
    tell("inserted", reader, found->second);  // it went before it could say who it was
  }
  tell("removed", reader, found->second);
  found->second = {};
}

void ReaderBook::announce() {
  Json readers = Json::array();
  for (const auto& [reader, slot] : slots_) {
    readers.push_back(entry_of(reader, slot.uid));
  }
  events_.add("online", {{"readers", std::move(readers)}});
}

void ReaderBook::tell(std::string_view event, const std::string& reader, const Slot& slot) {
  events_.add(event, entry_of(reader, slot.uid));
}

}  // namespace countersign::cli
