/// Compares tags whose bytes valgrind takes for undefined: a branch or an index that depends on one
/// of them is an error there, as Botan tests its own (ctgrind).
///
/// usage: same_tag_probe [early]      early: a comparison that stops early, which must be found

#include <valgrind/memcheck.h>

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "countersign/crypto.hpp"

namespace {

bool stops_early(countersign::ByteView a, countersign::ByteView b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

}  // namespace

int main(int count, char** arguments) {
  const bool early = count > 1 && std::string_view{arguments[1]} == "early";
  countersign::Tag expected{std::byte{1}};
  countersign::Tag claimed{std::byte{1}, std::byte{2}};
  VALGRIND_MAKE_MEM_UNDEFINED(expected.data(), expected.size());
  VALGRIND_MAKE_MEM_UNDEFINED(claimed.data(), claimed.size());
  bool same = early ? stops_early(expected, claimed) : countersign::same_tag(expected, claimed);
  // the outcome itself is public
  VALGRIND_MAKE_MEM_DEFINED(&same, sizeof(same));
  std::puts(same ? "same" : "not the same");
  return 0;
}
