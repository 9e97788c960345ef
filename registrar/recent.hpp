#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <unordered_map>
#include <utility>

namespace countersign::registrar {

/// What is known of the last `limit` keys that were asked for; the one not asked for the longest
/// is forgotten first. One thread.
template <class Value>
class Recent {
 public:
  explicit Recent(std::size_t limit) : limit_{limit} {}

  /// The value of `key`, which is `fresh` if the key is new. Valid until the next call.
  Value& at(const std::string& key, const Value& fresh) {
    if (Value* const known = find(key)) {
      return *known;
    }
    if (entries_.size() >= limit_) {
      index_.erase(entries_.back().first);
      entries_.pop_back();
    }
    entries_.emplace_front(key, fresh);
    index_[key] = entries_.begin();
    return entries_.front().second;
  }

  /// The value of `key`, or null. Valid until the next call.
  [[nodiscard]] Value* find(const std::string& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) {
      return nullptr;
    }
    entries_.splice(entries_.begin(), entries_, found->second);
    return &entries_.front().second;
  }

  void erase(const std::string& key) {
    if (const auto found = index_.find(key); found != index_.end()) {
      entries_.erase(found->second);
      index_.erase(found);
    }
  }

  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  using Entries = std::list<std::pair<std::string, Value>>;

  std::size_t limit_;
  Entries entries_;
  std::unordered_map<std::string, typename Entries::iterator> index_;
};

}  // namespace countersign::registrar
