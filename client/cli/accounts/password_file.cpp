#include <algorithm>

#include "account_sieve.hpp"
#include "accounts.hpp"

namespace countersign::cli {
namespace {

/// As the broker trims them.
std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\v\f";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) {
    return {};
  }
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

void read_line(std::string_view line, std::size_t number, AccountSieve& sieve) {
  if (line.starts_with('#') || trimmed(line).empty()) {
    return;
  }
  const std::size_t colon = line.find(':');
  const std::string_view name = trimmed(line.substr(0, colon));
  if (colon == std::string_view::npos || name.empty()) {
    sieve.skip("line " + std::to_string(number), "has no user and password with a colon between");
    return;
  }
  sieve.take({.identity = std::string{name},
              .hash = std::string{trimmed(line.substr(colon + 1))},
              .label = {}});
}

}  // namespace

Accounts read_password_file(std::string_view text) {
  AccountSieve sieve;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    read_line(text.substr(0, end), number, sieve);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return sieve.result();
}

}  // namespace countersign::cli
