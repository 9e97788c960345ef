#include "answer_text.hpp"

#include <array>
#include <ctime>

namespace countersign::cli {

std::string time_text(std::int64_t millis) {
  const std::time_t seconds = millis / 1000;
  std::tm parts{};
  std::array<char, 32> text{};
  if (gmtime_r(&seconds, &parts) == nullptr ||
      std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
    return std::to_string(millis) + " ms";
  }
  return text.data();
}

std::string plain_text(const Json& value) {
  if (value.is_string()) {
    return printable(value.get_ref<const std::string&>());
  }
  if (!value.is_array()) {
    return value.dump();
  }
  std::string out;
  for (const Json& item : value) {
    out.append(out.empty() ? "" : ", ").append(plain_text(item));
  }
  return out.empty() ? "-" : out;
}

const Json& member(const Json& object, std::string_view key) {
  static const Json kNull;
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found == object.end() ? kNull : *found;
}

std::string time_at(const Json& object, std::string_view key) {
  const Json& value = member(object, key);
  return value.is_number_integer() ? time_text(value.get<std::int64_t>()) : "-";
}

}  // namespace countersign::cli
