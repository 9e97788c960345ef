#include "config/rule_parser.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "config/evaluation_parser.hpp"
#include "config/keys.hpp"

namespace countersign::config {
namespace {

using Words = std::array<std::string_view, 2>;

constexpr std::array<std::string_view, 3> kModes{"off", "observe", "enforce"};
constexpr std::array<std::string_view, 3> kLevels{"AUTH1", "AUTH2", "AUTH3"};
constexpr Words kQos2{"refuse", "allow"};
constexpr Words kCard{"any", "require"};
constexpr Words kOutOfRange{"refuse", "deliver"};
constexpr std::uint32_t kMaxReceipts = 48;  // a ring keeps at most 48 unreceipted: section 3
constexpr std::size_t kMaxNameBytes = 64;
constexpr std::string_view kFleetTopics = "countersign/fleet/+/event";
constexpr std::string_view kPermissionHint =
    "\"%d\", \"known\", \"anyone\", \"kind:device\", \"role:NAME\", \"id:IDENTITY\", or \"nobody\" "
    "alone";

bool second(const Section& section, std::string_view key, const Words& words) {
  std::size_t at = 0;
  section.word(key, at, words);
  return at == 1;
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes &&
         std::all_of(name.begin(), name.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

/// The list at `key`, or `otherwise` if there is none.
Permissions permissions(const Section& section, std::string_view key, Permissions otherwise) {
  std::optional<std::vector<std::string>> texts;
  section.texts(key, texts);
  if (!texts) {
    return otherwise;
  }
  if (*texts == std::vector<std::string>{"nobody"}) {
    return {};
  }
  if (texts->empty()) {
    section.blame(key, "is empty", "write \"nobody\" if nobody is meant");
  }
  Permissions list;
  for (const std::string& text : *texts) {
    auto permission = Permission::parse(text);
    if (!permission) {
      section.blame(key, "lists what is no permission",
                    std::string{"known are "}.append(kPermissionHint));
      return {};
    }
    list.push_back(std::move(*permission));
  }
  return list;
}

bool names_bound(const Permissions& list) {
  return std::any_of(list.begin(), list.end(), [](const Permission& permission) {
    return permission.who == Permission::Who::bound;
  });
}

/// Who may what, in a rule that already has its filter and mode.
void read_permissions(const Section& section, TopicRule& out) {
  const Permissions anyone{Permission{Permission::Who::anyone, Kind::device, {}}};
  const Permissions bound{Permission{Permission::Who::bound, Kind::device, {}}};
  const bool own = out.filter.binds() && out.rule.mode != Mode::off;
  if (out.rule.mode == Mode::enforce) {
    if (!own && !section.has("publish")) {
      section.blame("publish", "is missing", "who may publish here? e.g. [\"known\"]");
    }
    if (!section.has("subscribe")) {
      section.blame("subscribe", "is missing",
                    "who may read this? e.g. [\"known\"] or [\"anyone\"]");
    }
  }
  out.publish = permissions(section, "publish", own ? bound : anyone);
  out.subscribe = permissions(section, "subscribe", anyone);
  if (out.filter.binds()) {
    return;
  }
  for (const auto& [key, list] :
       {std::pair{"publish", &out.publish}, {"subscribe", &out.subscribe}}) {
    if (names_bound(*list)) {
      section.blame(key, "names %d, but no level of the topic is %d",
                    "e.g. topic = \"plant/%d/+\"");
    }
  }
}

void read_conditions(const Section& section, Rule& rule) {
  std::size_t level = 1;
  section.word("level", level, kLevels);
  rule.least_level = static_cast<Level>(level + 1);
  section.flag("sealed", rule.sealed);
  section.flag("short_tags", rule.short_tags);
  rule.qos2 = second(section, "qos2", kQos2);
  section.flag("retained", rule.retained);
  section.flag("wills", rule.wills);
  section.number("receipts", rule.receipts, 0, kMaxReceipts);
  rule.card_required = second(section, "card", kCard);
  rule.deliver_out_of_range = second(section, "out_of_range", kOutOfRange);
  if (rule.sealed && rule.short_tags) {
    section.blame("short_tags", "and sealed exclude each other");
  }
  if (rule.card_required && (rule.sealed || rule.short_tags)) {
    section.blame("card", "= \"require\" excludes sealed and short_tags",
                  "what a card signs is neither sealed nor shortened");
  }
}

/// All but name and filter.
void read_body(Faults& faults, const Section& section, TopicRule& out) {
  std::size_t mode = 2;
  section.word("mode", mode, kModes);
  out.rule.mode = static_cast<Mode>(mode);
  read_conditions(section, out.rule);
  read_permissions(section, out);
  out.evaluation = read_evaluation(faults, section);
  out.fleet = out.rule.mode == Mode::enforce &&
              out.filter.compare(*TopicFilter::parse_subscription(kFleetTopics)).any;
}

std::optional<TopicRule> read_rule(Faults& faults, const toml::table& table) {
  const Section section{faults, table, "rule", kRuleKeys};
  std::string topic;
  section.text("topic", topic);
  if (topic.empty()) {
    section.blame("topic", "is missing", "e.g. topic = \"plant/%d/+\"");
    return std::nullopt;
  }
  std::string why;
  auto filter = TopicFilter::parse(topic, &why);
  if (!filter) {
    section.blame("topic", "is no topic filter: " + why);
    return std::nullopt;
  }
  if (is_reserved(topic) || topic.starts_with("$CONTROL")) {
    section.blame("topic", "belongs to the broker and to Countersign", "no rule can change it");
  }
  std::string name = topic.substr(0, kMaxNameBytes);
  section.text("name", name);
  if (section.has("name") && (!is_name(name) || name == "default")) {
    section.blame("name", "must be 1 to 64 printable characters other than \"default\"");
  }
  TopicRule out{std::move(name), std::move(*filter), {}, {}, {}, {}, false};
  read_body(faults, section, out);
  return out;
}

/// A rule that can never decide is a mistake: somebody relies on it.
void refuse_hidden(const Section& section, const std::vector<TopicRule>& before,
                   const TopicRule& rule) {
  for (const TopicRule& earlier : before) {
    if (earlier.name == rule.name) {
      section.blame("name", "\"" + rule.name + "\" is taken by an earlier rule",
                    "audit and explanations name rules: give each its own name");
    }
    if (earlier.filter.compare(rule.filter).covered) {
      section.blame("topic",
                    "\"" + rule.filter.text() + "\" is never reached: rule \"" + earlier.name +
                        "\" before it takes all its topics",
                    "first match decides: put the narrower rule first");
    }
  }
}

std::optional<TopicRule> read_default(Faults& faults, const Section& top) {
  if (!top.has("default")) {
    top.blame("default", "is missing",
              "say what happens to all other topics, e.g. [default] with mode = \"off\"");
    return std::nullopt;
  }
  TopicRule out{"default", *TopicFilter::parse("#"), {}, {}, {}, {}, true};
  top.table("default", [&](const toml::table& table) {
    const Section section{faults, table, "default", kDefaultKeys};
    if (!section.has("mode")) {
      section.blame("mode", "is missing", "one of off, observe, enforce");
    }
    read_body(faults, section, out);
  });
  return out;
}

}  // namespace

std::optional<RuleBook> parse_rules(Faults& faults, const Section& top) {
  std::vector<TopicRule> rules;
  top.tables("rule", false, [&](const toml::table& table) {
    auto rule = read_rule(faults, table);
    if (rule) {
      refuse_hidden(Section{faults, table, "rule", kRuleKeys}, rules, *rule);
      rules.push_back(std::move(*rule));
    }
  });
  auto otherwise = read_default(faults, top);
  if (!faults.none() || !otherwise) {
    return std::nullopt;
  }
  return RuleBook{std::move(rules), std::move(*otherwise)};
}

}  // namespace countersign::config
