#include "registrar/body.hpp"

#include <algorithm>
#include <set>
#include <vector>

namespace countersign::registrar {
namespace {

/// What the parser is asked of each piece: refuses depth, and names that one object holds twice.
class Strict {
 public:
  bool operator()(int depth, Json::parse_event_t event, const Json& piece) {
    constexpr int kMaxDepth = 3;
    good_ = good_ && depth <= kMaxDepth;
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
  std::vector<std::set<std::string>> open_;
  bool good_ = true;
};

bool is_text(const Json& value) { return value.is_string(); }

bool fits(const Json& value, Member::Type type) {
  switch (type) {
    case Member::Type::text:
      return value.is_string();
    case Member::Type::number:
      return value.is_number_unsigned();
    case Member::Type::texts:
      return value.is_array() && std::all_of(value.begin(), value.end(), is_text);
    case Member::Type::map_of_texts:
      return value.is_object() && std::all_of(value.begin(), value.end(), is_text);
  }
  return false;
}

std::string_view words_for(Member::Type type) {
  switch (type) {
    case Member::Type::text:
      return " must be a text";
    case Member::Type::number:
      return " must be a whole number";
    case Member::Type::texts:
      return " must be an array of texts";
    case Member::Type::map_of_texts:
      return " must be an object of texts";
  }
  return "";
}

Answer malformed(const std::string& detail) { return problem(400, "malformed", detail); }

/// What is wrong with the members, or an empty text. Quotes names of ours alone.
std::string complaint(const Json& body, std::span<const Member> shape) {
  for (const Member& member : shape) {
    const auto found = body.find(member.name);
    if (found == body.end() && member.required) {
      return std::string{member.name}.append(" is missing");
    }
    if (found != body.end() && !fits(*found, member.type)) {
      return std::string{member.name}.append(words_for(member.type));
    }
  }
  const auto known = [shape](const std::string& name) {
    return std::any_of(shape.begin(), shape.end(),
                       [&](const Member& member) { return member.name == name; });
  };
  std::string names;
  for (const Member& member : shape) {
    names.append(names.empty() ? "" : ", ").append(member.name);
  }
  for (const auto& [name, value] : body.items()) {
    if (!known(name)) {
      return "unknown member; known are: " + names;
    }
  }
  return {};
}

}  // namespace

Body read_body(std::string_view text, std::span<const Member> shape) {
  Strict strict;
  Json body = Json::parse(
      text,
      [&](int depth, Json::parse_event_t event, Json& piece) {
        return strict(depth, event, piece);
      },
      false);
  if (!strict.good()) {
    wipe_texts(body);
    return malformed("a name stands twice in one object, or objects are nested too deeply");
  }
  if (!body.is_object()) {
    wipe_texts(body);
    return malformed("the body is no JSON object in UTF-8");
  }
  if (const std::string why = complaint(body, shape); !why.empty()) {
    wipe_texts(body);
    return malformed(why);
  }
  return body;
}

}  // namespace countersign::registrar
