#include "countersign/client/session/topics.hpp"

#include "countersign/bytes.hpp"

namespace countersign::client {
namespace {

constexpr std::string_view kShared = "$share/";

std::string_view without_share(std::string_view filter) {
  if (!filter.starts_with(kShared)) {
    return filter;
  }
  const std::size_t slash = filter.find('/', kShared.size());
  return slash == std::string_view::npos ? filter : filter.substr(slash + 1);
}

/// The part before the next slash; `text` becomes what follows it.
std::string_view next_level(std::string_view& text, bool& more) {
  const std::size_t slash = text.find('/');
  const std::string_view level = head_of(text, slash);
  more = slash != std::string_view::npos;
  text = more ? text.substr(slash + 1) : std::string_view{};
  return level;
}

}  // namespace

bool matches(std::string_view filter, std::string_view topic) {
  filter = without_share(filter);
  if (topic.starts_with('$') && (filter.starts_with('+') || filter.starts_with('#'))) {
    return false;
  }
  bool filter_more = true;
  bool topic_more = true;
  while (filter_more && topic_more) {
    const std::string_view wanted = next_level(filter, filter_more);
    if (wanted == "#") {
      return true;
    }
    if (const std::string_view level = next_level(topic, topic_more);
        wanted != "+" && wanted != level) {
      return false;
    }
  }
  return !topic_more && (!filter_more || filter == "#");
}

}  // namespace countersign::client
