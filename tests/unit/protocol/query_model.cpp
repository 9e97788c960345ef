#include "unit/protocol/query_model.hpp"

#include <algorithm>
#include <regex>
#include <sstream>

namespace countersign::test {
namespace {

std::vector<unsigned long> numbers_in(const std::string& op) {
  static const std::regex kDigits{"[0-9]+"};
  std::vector<unsigned long> found;
  for (std::sregex_iterator at{op.begin(), op.end(), kDigits}; at != std::sregex_iterator{}; ++at) {
    found.push_back(std::stoul(at->str()));
  }
  return found;
}

std::optional<Octets> slice(const Octets& value, unsigned long begin, unsigned long length) {
  Octets out;
  for (unsigned long i = begin; i < begin + length; ++i) {
    if (i >= value.size()) {
      return std::nullopt;
    }
    out.push_back(value[i]);
  }
  return out;
}

Octets mask(Octets value, const Octets& with) {
  for (std::size_t i = 0; i < value.size(); ++i) {
    value[i] ^= with[i % with.size()];
  }
  return value;
}

std::optional<Octets> apply_one(const std::string& op, Octets value) {
  if (op.starts_with("slice")) {
    return slice(value, numbers_in(op).at(0), numbers_in(op).at(1));
  }
  if (op.starts_with("mask")) {
    return mask(value, from_hex(op.substr(5, op.size() - 6)));
  }
  if (op == "flip") {
    std::reverse(value.begin(), value.end());
    return value;
  }
  for (unsigned long left = numbers_in(op).at(0); left > 0; --left) {
    std::rotate(value.begin(), value.begin() + 1, value.end());
  }
  return value;
}

}  // namespace

bool model_is_query(std::string_view text) {
  static const std::string kPositive =
      "(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";
  static const std::string kNumber = "(?:0|" + kPositive + ")";
  static const std::string kOp = "(?:slice\\(" + kNumber + "," + kPositive + "\\)|rotate\\(" +
                                 kNumber + "\\)|flip|mask\\((?:[0-9a-f]{2})+\\))";
  static const std::regex kQuery{"[A-Za-z0-9._-]{1,32}(?:;" + kOp + "){0,8}"};
  return text.size() <= 128 && std::regex_match(text.begin(), text.end(), kQuery);
}

std::optional<Octets> model_apply(const std::string& query, Octets value) {
  std::istringstream ops{query.substr(std::min(query.find(';'), query.size()))};
  std::string op;
  std::optional<Octets> result{std::move(value)};
  std::getline(ops, op, ';');
  while (result && std::getline(ops, op, ';')) {
    result = apply_one(op, *result);
  }
  return result;
}

}  // namespace countersign::test
