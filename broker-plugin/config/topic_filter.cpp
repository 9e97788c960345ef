#include "config/topic_filter.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "countersign/identity.hpp"

namespace countersign::config {
namespace {

constexpr std::string_view kBinding = "%d";
constexpr std::size_t kMaxTopicBytes = std::numeric_limits<std::uint16_t>::max();

bool is_text(std::string_view text) {
  return !text.empty() && text.size() <= kMaxTopicBytes &&
         text.find('\0') == std::string_view::npos;
}

/// Takes the first level off `rest`, which becomes null after the last one.
std::string_view next_level(std::string_view& rest) {
  const std::size_t slash = rest.find('/');
  const std::string_view level = rest.substr(0, slash);
  rest = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash + 1);
  return level;
}

void explain_fault(std::string* why, const char* fault) {
  if (why != nullptr) {
    *why = fault;
  }
}

}  // namespace

bool is_topic(std::string_view text) {
  return is_text(text) && text.find_first_of("+#") == std::string_view::npos;
}

TopicFilter::TopicFilter(std::string_view text, bool binding) : text_{text} {
  std::size_t begin = 0;
  for (std::size_t end = 0; end != std::string_view::npos; begin = end + 1) {
    end = text.find('/', begin);
    const std::string_view level = text.substr(begin, end - begin);
    const bool wild = level == "+" || level == "#" || (binding && level == kBinding);
    pieces_.push_back({!wild          ? Part::literal
                       : level == "+" ? Part::one
                       : level == "#" ? Part::rest
                                      : Part::identity,
                       static_cast<std::uint16_t>(begin),
                       static_cast<std::uint16_t>(level.size())});
    binds_ = binds_ || pieces_.back().part == Part::identity;
  }
  for (auto piece = pieces_.begin(); piece != pieces_.end() && piece->part == Part::literal;
       ++piece) {
    literal_ = std::size_t{piece->begin} + piece->size;
  }
}

/// What is wrong with the piece at `at`, or null.
const char* TopicFilter::fault_at(std::size_t at) const {
  const Piece& piece = pieces_[at];
  if (piece.part == Part::rest && at + 1 != pieces_.size()) {
    return "# stands only at the end";
  }
  if (piece.part != Part::literal) {
    return nullptr;
  }
  return text_of(piece).find_first_of("+#") != std::string_view::npos ? "+ and # take a whole level"
                                                                      : nullptr;
}

const char* TopicFilter::fault() const {
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    if (const char* const fault = fault_at(i)) {
      return fault;
    }
  }
  return nullptr;
}

std::optional<TopicFilter> TopicFilter::parse_subscription(std::string_view text) {
  if (!is_text(text)) {
    return std::nullopt;
  }
  TopicFilter filter{text, false};
  return filter.fault() == nullptr ? std::optional{std::move(filter)} : std::nullopt;
}

std::optional<TopicFilter> TopicFilter::parse(std::string_view text, std::string* why) {
  if (!is_text(text)) {
    explain_fault(why, "it takes 1 to 65535 bytes without NUL");
    return std::nullopt;
  }
  TopicFilter filter{text, true};
  const char* fault = filter.fault();
  std::size_t bindings = 0;
  for (const Piece& piece : filter.pieces_) {
    bindings += piece.part == Part::identity ? 1U : 0U;
    if (piece.part == Part::literal &&
        filter.text_of(piece).find(kBinding) != std::string_view::npos) {
      fault = "%d takes a whole level";
    }
  }
  if (bindings > 1) {
    fault = "%d stands at most once";
  }
  if (fault != nullptr) {
    explain_fault(why, fault);
    return std::nullopt;
  }
  return filter;
}

std::string_view TopicFilter::text_of(const Piece& piece) const {
  return std::string_view{text_}.substr(piece.begin, piece.size);
}

Match TopicFilter::match(std::string_view topic) const {
  // MQTT 5, 4.7.2: no leading wildcard matches a topic that begins with $
  if (topic.starts_with('$') != dollar() ||
      topic.substr(0, literal_) != std::string_view{text_}.substr(0, literal_)) {
    return {};
  }
  Match match;
  std::string_view rest = topic;
  bool more = true;
  for (const Piece& piece : pieces_) {
    if (piece.part == Part::rest) {
      match.matches = true;
      return match;
    }
    if (!more) {
      return {};
    }
    const std::string_view level = next_level(rest);
    more = rest.data() != nullptr;
    if (piece.part == Part::literal && level != text_of(piece)) {
      return {};
    }
    if (piece.part == Part::identity) {
      if (!is_identity(level)) {
        return {};
      }
      match.bound = level;
    }
  }
  return more ? Match{} : Match{true, match.bound};
}

/// \returns false if no level of a topic can match both.
bool TopicFilter::compare_level(const Piece& ours, const TopicFilter& other, const Piece& theirs,
                                Overlap& out) const {
  const std::string_view text = other.text_of(theirs);
  const bool literal = theirs.part == Part::literal;
  switch (ours.part) {
    case Part::literal:
      out.covered = out.covered && literal;
      if (literal) {
        return text == text_of(ours);
      }
      return theirs.part == Part::one || is_identity(text_of(ours));
    case Part::identity:
      out.covered = out.covered && theirs.part != Part::one;
      out.any_bound = !literal;
      out.bound = literal ? text : std::string_view{};
      return !literal || is_identity(text);
    case Part::one:
    case Part::rest:
      break;
  }
  return true;
}

Overlap TopicFilter::compare(const TopicFilter& subscription) const {
  if (dollar() != subscription.dollar()) {
    return {};
  }
  Overlap out{.any = true, .covered = true, .bound = {}, .any_bound = false};
  const auto& theirs = subscription.pieces_;
  for (std::size_t i = 0;; ++i) {
    const bool ended = i == pieces_.size();
    if (!ended && pieces_[i].part == Part::rest) {
      return out;
    }
    if (i < theirs.size() && theirs[i].part == Part::rest) {
      // no topic has no level: "+/#" is all that "#" is
      out.covered = i == 0 && pieces_.size() == 2 && pieces_[0].part == Part::one &&
                    pieces_[1].part == Part::rest;
      out.any_bound = out.any_bound ||
                      std::any_of(pieces_.begin() + static_cast<std::ptrdiff_t>(i), pieces_.end(),
                                  [](const Piece& p) { return p.part == Part::identity; });
      return out;
    }
    if (ended || i == theirs.size()) {
      return ended && i == theirs.size() ? out : Overlap{};
    }
    if (!compare_level(pieces_[i], subscription, theirs[i], out)) {
      return {};
    }
  }
}

}  // namespace countersign::config
