#include "dataserv/dataserv.hpp"

#include <utility>

namespace countersign::dataserv {

void DataServ::serve(config::Settings& settings) {
  const auto before = std::exchange(by_rule_, {});
  settings.rules.for_each([this](config::TopicRule& rule) {
    rule.rule.evaluator = nullptr;
    if (!rule.evaluation.empty()) {
      rule.rule.evaluator =
          (by_rule_[rule.name] = std::make_unique<RuleEvaluator>(rule.evaluation)).get();
    }
  });
  for (const auto& [rule, evaluator] : before) {
    for (const auto& judge : evaluator->judges()) {
      static_cast<void>(restore(rule + '/' + judge->key(), judge->save()));
    }
  }
}

void DataServ::visit(const std::function<void(const std::string& name, Judge&)>& visit) const {
  for (const auto& [rule, evaluator] : by_rule_) {
    for (const auto& judge : evaluator->judges()) {
      visit(rule + '/' + judge->key(), *judge);
    }
  }
}

void DataServ::save(const std::function<void(Learned&&)>& take) const {
  visit([&take](const std::string& name, const Judge& judge) {
    if (std::vector<std::byte> image = judge.save(); !image.empty()) {
      take({name, std::move(image)});
    }
  });
}

bool DataServ::restore(const std::string& name, ByteView image) {
  bool whole = true;
  visit([&](const std::string& other, Judge& judge) {
    whole = whole && (other != name || image.empty() || judge.restore(image));
  });
  return whole;
}

void DataServ::mute(std::string_view identity) {
  visit([identity](const std::string&, Judge& judge) { judge.mute(identity); });
}

void DataServ::forget(std::string_view identity) {
  for (const auto& [rule, evaluator] : by_rule_) {
    evaluator->forget(identity);
  }
}

}  // namespace countersign::dataserv
