#pragma once

#include <optional>

#include "client/answers.hpp"
#include "countersign/client/card/card.hpp"

namespace countersign::client::test {

/// What a test does with one card, which stays open between its commands.
class CardProbe {
 public:
  Json run(const Json& command);

 private:
  Json open(const Json& command);
  Json personalise(const Json& command);

  std::optional<Card> card_;
};

}  // namespace countersign::client::test
