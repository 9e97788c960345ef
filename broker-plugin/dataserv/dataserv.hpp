#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "dataserv/rule_evaluator.hpp"

namespace countersign::dataserv {

/// [MFA_R: DataServ] Judges what devices say by the evaluators of each rule, and keeps what they
/// learned through reloads and restarts. Lives on the broker's thread.
class DataServ {
 public:
  /// What one evaluator of one rule learned.
  struct Learned {
    std::string name;  ///< of the rule and the evaluator
    std::vector<std::byte> image;
  };

  /// Gives each rule of `settings` that looks at its payloads an evaluator, lent until the next
  /// call. An evaluator of the same rule, kind and numbers goes on with what it learned.
  void serve(config::Settings& settings);

  /// Hands out all that was learned.
  void save(const std::function<void(Learned&&)>& take) const;
  /// Gives back what was saved under `name`; what no evaluator goes by is dropped.
  /// \returns false if the image is damaged: that evaluator begins anew.
  [[nodiscard]] bool restore(const std::string& name, ByteView image);

  /// The identity was expelled: what it said last no longer speaks for it.
  void mute(std::string_view identity);
  /// The identity is no more.
  void forget(std::string_view identity);

 private:
  void visit(const std::function<void(const std::string& name, Judge&)>& visit) const;

  std::map<std::string, std::unique_ptr<RuleEvaluator>> by_rule_;
};

}  // namespace countersign::dataserv
