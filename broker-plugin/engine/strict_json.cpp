#include "engine/strict_json.hpp"

#include <set>
#include <string>
#include <vector>

namespace countersign::engine {
namespace {

using Json = nlohmann::json;

/// What the parser is asked of each piece.
class Strict {
 public:
  explicit Strict(int max_depth) : max_depth_{max_depth} {}

  bool operator()(int depth, Json::parse_event_t event, const Json& piece) {
    good_ = good_ && depth <= max_depth_;
    if (good_ && event == Json::parse_event_t::object_start) {
      open_.emplace_back();
    } else if (good_ && event == Json::parse_event_t::key) {
      good_ = open_.back().insert(piece.get<std::string>()).second;
    } else if (good_ && event == Json::parse_event_t::object_end) {
      open_.pop_back();
    }
    return good_;
  }
  [[nodiscard]] bool good() const { return good_; }

 private:
  const int max_depth_;
  std::vector<std::set<std::string>> open_;
  bool good_ = true;
};

}  // namespace

std::optional<Json> parse_strict(std::string_view text, int max_depth) {
  Strict strict{max_depth};
  Json parsed = Json::parse(
      text,
      [&](int depth, Json::parse_event_t event, Json& piece) {
        return strict(depth, event, piece);
      },
      false);
  return strict.good() && !parsed.is_discarded() ? std::optional{std::move(parsed)} : std::nullopt;
}

}  // namespace countersign::engine
