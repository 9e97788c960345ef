#pragma once

#include <memory>
#include <vector>

#include "config/evaluation.hpp"
#include "dataserv/judge.hpp"

namespace countersign::dataserv {

/// All evaluators of one rule, and how their opinions are combined. Every one hears every reading,
/// so that all of them learn.
class RuleEvaluator final : public Evaluator {
 public:
  explicit RuleEvaluator(const config::EvaluationSpec& spec);
  virtual ~RuleEvaluator() = default;

  [[nodiscard]] Evaluation evaluate(const Reading& reading) override;

  [[nodiscard]] const std::vector<std::unique_ptr<Judge>>& judges() const { return judges_; }

  /// The identity is no more.
  void forget(std::string_view identity);

 private:
  /// A judge that looks at a device, and where it keeps what it knows of it.
  struct Seat {
    Judge* judge;
    std::size_t place = 0;
  };
  struct Device {
    std::string identity;
    std::vector<Seat> seats;  ///< of the judges that look at it
  };
  [[nodiscard]] Device& device_of(const Reading& reading);
  [[nodiscard]] std::size_t join(std::string_view identity);

  std::vector<std::unique_ptr<Judge>> judges_;
  std::vector<Device> devices_;
  ByIdentity<std::size_t> places_;
  config::Format format_;
  config::Combine combine_;
};

}  // namespace countersign::dataserv
