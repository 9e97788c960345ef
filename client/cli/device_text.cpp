#include "device_text.hpp"

#include <algorithm>
#include <array>

namespace countersign::cli {
namespace {

std::string text_at(const Json& object, std::string_view key) {
  const Json& value = member(object, key);
  if (value.is_null()) {
    return "-";
  }
  return key.ends_with("At") || key.ends_with("Until") ? time_at(object, key) : plain_text(value);
}

template <std::size_t N>
std::vector<Row> table(const Json& objects, const std::array<std::string_view, N>& heads,
                       const std::array<std::string_view, N>& keys) {
  std::vector<Row> rows{Row{heads.begin(), heads.end()}};
  for (const Json& object : objects) {
    Row row;
    for (const std::string_view key : keys) {
      row.push_back(text_at(object, key));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string session_text(const Json& session) {
  return "kid " + text_at(session, "kid") + " since " + text_at(session, "createdAt") + ", " +
         text_at(session, "messages") + " messages";
}

}  // namespace

std::vector<Row> device_table(const Json& devices) {
  constexpr std::array<std::string_view, 8> kHeads{"IDENTITY", "KIND",  "METHOD", "STANDING",
                                                   "LEVEL",    "SCORE", "EPOCH",  "LABEL"};
  constexpr std::array<std::string_view, 8> kKeys{"identity", "kind",  "method", "standing",
                                                  "level",    "score", "epoch",  "label"};
  return table(devices, kHeads, kKeys);
}

std::vector<Row> device_rows(const Json& device) {
  constexpr std::array<std::string_view, 14> kFirst{
      "identity",      "kind",       "method", "standing", "reason", "level", "score",
      "expelledUntil", "expulsions", "roles",  "label",    "card",   "epoch", "registeredAt"};
  std::vector<Row> rows;
  for (const std::string_view key : kFirst) {
    if (!member(device, key).is_null()) {
      rows.push_back({std::string{key}, text_at(device, key)});
    }
  }
  // what a newer broker says besides
  for (const auto& [key, value] : device.items()) {
    if (key != "sessions" && key != "deviceData" &&
        std::find(kFirst.begin(), kFirst.end(), key) == kFirst.end()) {
      rows.push_back({printable(key), text_at(device, key)});
    }
  }
  for (const auto& [key, value] : member(device, "deviceData").items()) {
    rows.push_back({"deviceData." + printable(key), plain_text(value)});
  }
  for (const Json& session : member(device, "sessions")) {
    rows.push_back({"session", session_text(session)});
  }
  return rows;
}

std::vector<Row> session_table(const Json& sessions) {
  constexpr std::array<std::string_view, 6> kHeads{"IDENTITY", "KID",   "LEVEL",
                                                   "SCORE",    "SINCE", "MESSAGES"};
  constexpr std::array<std::string_view, 6> kKeys{"identity", "kid",       "level",
                                                  "score",    "createdAt", "messages"};
  return table(sessions, kHeads, kKeys);
}

std::vector<Row> token_table(const Json& tokens) {
  constexpr std::array<std::string_view, 4> kHeads{"ID", "EXPIRES", "ROLES", "LABEL"};
  constexpr std::array<std::string_view, 4> kKeys{"id", "expiresAt", "roles", "label"};
  return table(tokens, kHeads, kKeys);
}

}  // namespace countersign::cli
