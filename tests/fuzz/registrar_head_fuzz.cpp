/// The head of an HTTP request: what is taken reads the same again, without what the library must
/// not see.

#include <string>

#include "fuzz/input.hpp"
#include "registrar/head.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using countersign::fuzz::require;
  using countersign::registrar::Head;
  const std::string text{data, data + size};
  Head head;
  if (!countersign::registrar::read_head(text, head)) {
    return 0;
  }
  require(head.text.ends_with("\r\n\r\n") && head.text.find('\0') == std::string::npos);
  require(head.text.size() + head.authorization.size() <= text.size());
  require(text.find(head.authorization) != std::string::npos);
  Head again;
  require(countersign::registrar::read_head(head.text, again));
  require(again.text == head.text && again.authorization.empty());
  return 0;
}
