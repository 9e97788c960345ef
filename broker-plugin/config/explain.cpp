#include "config/explain.hpp"

#include <array>

namespace countersign::config {
namespace {

constexpr std::array<std::string_view, 3> kModeNames{"off", "observe", "enforce"};

std::string join(const Permissions& list) {
  std::string out;
  for (const Permission& permission : list) {
    out += (out.empty() ? "" : ", ") + permission.text();
  }
  return out.empty() ? "nobody" : out;
}

std::string quoted(std::string_view text) { return "\"" + std::string{text} + "\""; }

std::string who(const Party& party) {
  return party.known() ? std::string{party.identity}
                       : "a connection that Countersign does not know";
}

/// Says which entry of `list` decided.
bool weigh(Explanation& out, const char* name, const Permissions& list, const Party& party,
           std::string_view bound) {
  const Permission* const permission = grant(list, party, bound);
  out.reasons.push_back(permission != nullptr
                            ? std::string{name} + " allows " + quoted(permission->text())
                            : std::string{name} + " allows " + join(list) + ", not " + who(party));
  return permission != nullptr;
}

void introduce(Explanation& out, const TopicRule& rule, std::string_view bound) {
  out.rule = rule.name;
  out.reasons.push_back(rule.is_default ? "no rule matches: [default] decides"
                                        : "rule " + quoted(rule.name) + " matches by topic " +
                                              quoted(rule.filter.text()));
  if (!bound.empty()) {
    out.reasons.push_back("%d is " + std::string{bound});
  }
  out.reasons.push_back("mode is " +
                        std::string{kModeNames[static_cast<std::size_t>(rule.rule.mode)]});
}

/// What an enforced rule asks of the message itself.
void list_conditions(Explanation& out, const TopicRule& topic_rule) {
  const Rule& rule = topic_rule.rule;
  const auto say = [&out](bool holds, const char* text) {
    if (holds) {
      out.reasons.emplace_back(text);
    }
  };
  say(rule.sealed, "it must be sealed");
  say(rule.card_required, "it must be signed by the card");
  say(!rule.short_tags, "short tags are refused");
  say(!rule.qos2, "QoS 2 is refused");
  say(!rule.retained, "retained messages are refused");
  say(!rule.wills, "wills are refused");
  say(!topic_rule.evaluation.empty(), rule.deliver_out_of_range
                                          ? "out of range lowers the score, and is delivered"
                                          : "out of range lowers the score, and is refused");
}

bool explain_publish(Explanation& out, const TopicRule& rule, const Party& party,
                     std::string_view bound) {
  bool allowed = weigh(out, "publish", rule.publish, party, bound);
  if (rule.rule.mode == Mode::off) {
    return allowed;
  }
  const std::string least{name_of(rule.rule.least_level)};
  if (party.level < rule.rule.least_level) {
    allowed = false;
    out.reasons.push_back("it takes level " + least + ", not " + std::string{name_of(party.level)});
  }
  list_conditions(out, rule);
  if (rule.rule.mode == Mode::observe && !allowed) {
    out.reasons.emplace_back("observe delivers it all the same, and counts it");
    return true;
  }
  if (allowed && rule.rule.mode == Mode::enforce) {
    out.reasons.emplace_back("it must be signed in a live session");
  }
  return allowed;
}

bool explain_read(Explanation& out, const TopicRule& rule, const Party& party,
                  std::string_view bound) {
  const bool granted = weigh(out, "subscribe", rule.subscribe, party, bound);
  if (!granted && rule.rule.mode == Mode::observe) {
    out.reasons.emplace_back("observe refuses no reader");
    return true;
  }
  return granted;
}

void explain_subscribe(Explanation& out, const RuleBook& rules, const Party& party,
                       std::string_view filter) {
  const TopicRule* forbids = nullptr;
  out.allowed = rules.may_subscribe(party, filter, &forbids);
  if (out.allowed) {
    out.reasons.push_back(who(party) + " may read every topic that " + quoted(filter) +
                          " can match");
    return;
  }
  if (forbids == nullptr) {
    out.reasons.push_back(quoted(filter) + " is no topic filter");
    return;
  }
  introduce(out, *forbids, {});
  out.reasons.push_back(quoted(filter) + " can match topics of which subscribe allows only " +
                        join(forbids->subscribe));
  out.reasons.emplace_back("a subscription is taken only if all that it can match is allowed");
}

}  // namespace

Explanation explain(const Settings& settings, const Party& party, Action action,
                    std::string_view topic) {
  Explanation out;
  if (is_reserved(topic)) {
    out.reasons.emplace_back("the topic belongs to Countersign itself: no rule decides");
    return out;
  }
  if (action == Action::subscribe) {
    explain_subscribe(out, settings.rules, party, topic);
    return out;
  }
  if (!is_topic(topic)) {
    out.reasons.push_back(quoted(topic) + " is no topic");
    return out;
  }
  std::string_view bound;
  const TopicRule& rule = settings.rules.find(topic, bound);
  introduce(out, rule, bound);
  out.allowed = action == Action::publish ? explain_publish(out, rule, party, bound)
                                          : explain_read(out, rule, party, bound);
  return out;
}

}  // namespace countersign::config
