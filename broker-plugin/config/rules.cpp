#include "config/rules.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace countersign::config {
namespace {

constexpr std::string_view kShare = "$share/";

/// Observe must be unable to disturb anything: its lists are only counted against.
bool may_take(const TopicRule& rule, const Party& party, std::string_view bound) {
  return rule.rule.mode == Mode::observe || grant(rule.subscribe, party, bound) != nullptr;
}

/// What a subscription asks for: without `$share/<group>/`. Nothing where that is malformed.
std::optional<TopicFilter> asked_for(std::string_view filter) {
  if (filter == "$share") {
    return std::nullopt;
  }
  if (!filter.starts_with(kShare)) {
    return TopicFilter::parse_subscription(filter);
  }
  const std::string_view rest = filter.substr(kShare.size());
  const std::size_t slash = rest.find('/');
  if (slash == 0 || slash == std::string_view::npos || rest.find_first_of("+#") < slash) {
    return std::nullopt;
  }
  return TopicFilter::parse_subscription(rest.substr(slash + 1));
}

}  // namespace

RuleBook::RuleBook(std::vector<TopicRule> rules, TopicRule otherwise)
    : rules_{std::move(rules)}, otherwise_{std::move(otherwise)} {}

const TopicRule& RuleBook::find(std::string_view topic, std::string_view& bound) const {
  for (const TopicRule& rule : rules_) {
    if (const Match match = rule.filter.match(topic)) {
      bound = match.bound;
      return rule;
    }
  }
  bound = {};
  return otherwise_;
}

void RuleBook::for_each(const std::function<void(TopicRule&)>& visit) {
  std::for_each(rules_.begin(), rules_.end(), visit);
  visit(otherwise_);
}

bool RuleBook::may_publish(const TopicRule& rule, const Party& party,
                           std::string_view bound) const {
  return grant(rule.publish, party, bound) != nullptr;
}

bool RuleBook::may_read(const Party& party, std::string_view topic) const {
  std::string_view bound;
  const TopicRule& rule = find(topic, bound);
  return may_take(rule, party, bound);
}

bool RuleBook::may_subscribe(const Party& party, std::string_view filter,
                             const TopicRule** why) const {
  const TopicRule* ignored = nullptr;
  const TopicRule*& forbids = why != nullptr ? *why : ignored;
  forbids = nullptr;
  const auto subscription = asked_for(filter);
  if (!subscription) {
    return false;
  }
  // every rule that has a topic in common must allow it, until one covers all that is asked for;
  // that an earlier rule may hide the common topics is not looked into: it can only refuse more
  for (const TopicRule& rule : rules_) {
    const Overlap overlap = rule.filter.compare(*subscription);
    if (!overlap.any) {
      continue;
    }
    if (!may_take(rule, party, overlap.bound)) {
      forbids = &rule;
      return false;
    }
    if (overlap.covered) {
      return true;
    }
  }
  forbids = may_take(otherwise_, party, {}) ? nullptr : &otherwise_;
  return forbids == nullptr;
}

bool is_reserved(std::string_view topic) {
  constexpr std::array<std::string_view, 4> kOurs{"$CONTROL/countersign", "countersign/auth",
                                                  "countersign/notice", "countersign/admin"};
  for (const std::string_view ours : kOurs) {
    if (topic.starts_with(ours) && (topic.size() == ours.size() || topic[ours.size()] == '/')) {
      return true;
    }
  }
  return false;
}

}  // namespace countersign::config
