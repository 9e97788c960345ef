#pragma once

#include "countersign/client/card/card_session.hpp"
#include "countersign/client/card/reader_pool.hpp"

namespace countersign::client {

/// One order on the card that it is for. `perform` runs inside a transaction, and once more if that
/// was cut off.
class Errand {
 public:
  explicit Errand(const CardOrder& order) : order_{order} {}

  [[nodiscard]] CardFailure perform(CardSession& card);
  [[nodiscard]] const CardAnswer& answer() const { return answer_; }

 private:
  [[nodiscard]] CardFailure command(CardSession& card);
  [[nodiscard]] CardFailure prove(CardSession& card);
  [[nodiscard]] bool is_done_already(CardSession& card) const;

  CardOrder order_;
  CardAnswer answer_;
  bool sent_ = false;  // the issuer's command, and the card may have taken it
};

}  // namespace countersign::client
