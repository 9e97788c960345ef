#include "levels.hpp"

#include <algorithm>
#include <tuple>

#include "answer_text.hpp"

namespace countersign::cli {
namespace {

std::string text_at(const Json& object, std::string_view key) {
  const Json& value = member(object, key);
  return value.is_string() ? printable(value.get_ref<const std::string&>()) : "-";
}

/// Nothing here is ever negative.
template <class T>
T number_at(const Json& object, std::string_view key) {
  const Json& value = member(object, key);
  return value.is_number_integer() ? std::max(value.get<T>(), T{0}) : T{0};
}

LevelRow row_of(const Json& device) {
  LevelRow row{.identity = text_at(device, "identity"),
               .kind = text_at(device, "kind"),
               .level = text_at(device, "level"),
               .standing = text_at(device, "standing"),
               .score = number_at<std::int64_t>(device, "score"),
               .kid = number_at<std::uint64_t>(device, "kid"),
               .messages = number_at<std::uint64_t>(device, "messages"),
               .until = number_at<Millis>(device, "expelledUntil")};
  const auto challenged = number_at<Millis>(device, "enforcementUntil");
  if (challenged != 0 && row.standing == "active") {
    row.standing = "enforcement";
    row.until = challenged;
  }
  return row;
}

Change change_of(const LevelRow& before, const LevelRow& now) {
  if (before.standing != now.standing) {
    return Change::standing;
  }
  // AUTH1 to AUTH3 sort as they rank
  const auto was = std::tie(before.level, before.score);
  const auto is = std::tie(now.level, now.score);
  if (was != is) {
    return was < is ? Change::better : Change::worse;
  }
  return before.kid == now.kid ? Change::none : Change::fresh;
}

}  // namespace

Levels read_levels(const Json& data) {
  Levels levels;
  levels.now = number_at<Millis>(data, "now");
  for (Total& total : levels.totals) {
    total.count = number_at<std::uint64_t>(member(data, "totals"), total.name);
  }
  for (const Json& device : member(data, "devices")) {
    levels.devices.push_back(row_of(device));
  }
  return levels;
}

void LevelMemory::mark(Levels& levels) {
  for (LevelRow& row : levels.devices) {
    const auto [place, fresh] = last_.try_emplace(row.identity, row);
    row.change = fresh ? Change::fresh : change_of(place->second, row);
    place->second = row;
  }
}

}  // namespace countersign::cli
