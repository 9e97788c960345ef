#pragma once

#include <nlohmann/json.hpp>

#include "countersign/client/outcome.hpp"

namespace countersign::client::test {

using Json = nlohmann::json;

inline Json failure(const Error& why) {
  return {{"fault", exit_code(why.fault)},
          {"text", why.text},
          {"hint", why.hint},
          {"why", name_of(why.why)}};
}

template <class T, class Show>
Json answer(const Outcome<T>& outcome, Show show) {
  return outcome ? show(*outcome) : failure(outcome.why());
}

inline Json done(const Done&) { return {{"ok", true}}; }

}  // namespace countersign::client::test
