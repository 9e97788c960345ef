#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "countersign/mfar_query.hpp"
#include "unit/octets.hpp"

/// The query API once more, slow and obviously right: a regular expression says what a query is,
/// and the standard library's algorithms say what it does.
namespace countersign::test {

[[nodiscard]] bool model_is_query(std::string_view text);

/// What `value`, the field that `query` names, answers. Only for what `model_is_query` takes.
[[nodiscard]] std::optional<Octets> model_apply(const std::string& query, Octets value);

/// The operations of a query that was parsed.
[[nodiscard]] inline std::vector<QueryOp> ops_of(const Query& query) {
  std::vector<QueryOp> ops;
  for (std::string_view rest = query.ops; !rest.empty();) {
    ops.push_back(take_op(rest));
  }
  return ops;
}

}  // namespace countersign::test
