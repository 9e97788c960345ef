#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/evaluation.hpp"
#include "config/topic_filter.hpp"
#include "countersign/identity.hpp"
#include "countersign/rule.hpp"

namespace countersign::config {

/// Whoever holds a connection, as rules see it. Borrows.
struct Party {
  std::string_view identity;  ///< empty: not known to Countersign
  Kind kind = Kind::device;
  Level level = Level::auth0;
  std::span<const std::string> roles;

  [[nodiscard]] bool known() const { return !identity.empty(); }
};

/// One entry of a `publish` or `subscribe` list.
struct Permission {
  enum class Who : std::uint8_t {
    bound,     ///< "%d": the identity that stands at `%d` of the topic
    anyone,    ///< "anyone": also connections that Countersign does not know
    known,     ///< "known": any authenticated identity
    kind,      ///< "kind:device"
    role,      ///< "role:operator"
    identity,  ///< "id:mote-3"
  };
  Who who = Who::bound;
  Kind kind = Kind::device;
  std::string name;

  /// Nothing for what is no permission; "nobody" is written as an empty list.
  [[nodiscard]] static std::optional<Permission> parse(std::string_view text);
  [[nodiscard]] std::string text() const;
};

using Permissions = std::vector<Permission>;

/// The entry of `list` that lets `party` through, or null. `bound` is what stands at `%d`; empty
/// where nothing does.
[[nodiscard]] const Permission* grant(const Permissions& list, const Party& party,
                                      std::string_view bound);

/// One `[[rule]]`, or `[default]`, whose filter is "#" and matches every topic.
struct TopicRule {
  std::string name;
  TopicFilter filter;
  Rule rule;  ///< its evaluator is lent by whoever serves `evaluation`
  Permissions publish;
  Permissions subscribe;
  EvaluationSpec evaluation;  ///< empty: nothing is evaluated
  bool is_default = false;
  bool fleet = false;  ///< takes what agents sign on `countersign/fleet/…`
};

/// The rules in file order: the first whose filter matches decides, the default where none does.
/// find, may_publish and may_read allocate nothing.
class RuleBook {
 public:
  RuleBook(std::vector<TopicRule> rules, TopicRule otherwise);

  /// `bound` becomes what stands at `%d`, borrowed from `topic`, or empty.
  [[nodiscard]] const TopicRule& find(std::string_view topic, std::string_view& bound) const;
  [[nodiscard]] bool may_publish(const TopicRule& rule, const Party& party,
                                 std::string_view bound) const;
  [[nodiscard]] bool may_read(const Party& party, std::string_view topic) const;
  /// True only if `party` may read every topic that `filter` can match; `$share/<group>/` is taken
  /// off first. `why`, if given, names the rule that forbids, or null for what is no filter.
  [[nodiscard]] bool may_subscribe(const Party& party, std::string_view filter,
                                   const TopicRule** why = nullptr) const;

  [[nodiscard]] std::span<const TopicRule> rules() const { return rules_; }
  [[nodiscard]] const TopicRule& otherwise() const { return otherwise_; }
  /// Every rule and the default, to lend them evaluators.
  void for_each(const std::function<void(TopicRule&)>& visit);

 private:
  std::vector<TopicRule> rules_;
  TopicRule otherwise_;
};

/// Topics that belong to Countersign itself, whatever the rules say: `$CONTROL/countersign/…` and
/// `countersign/{auth,notice,admin}/…` (docs/protocol.md, section 3). Clients neither write the
/// latter nor subscribe to them.
[[nodiscard]] bool is_reserved(std::string_view topic);

}  // namespace countersign::config
