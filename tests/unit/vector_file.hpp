#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "countersign/crypto.hpp"
#include "countersign/refusal.hpp"
#include "unit/octets.hpp"
#include "unit/refusal_text.hpp"

namespace countersign::test {

/// One file of tests/vectors, made by the other implementation: `key: value` lines, an empty line,
/// then bytes in hex (tests/vectors/README.md).
class VectorFile {
 public:
  /// Throws if the file is not of that form.
  explicit VectorFile(const std::string& path);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] ByteView body() const { return body_; }
  /// What must become of the body: `none` means accept.
  [[nodiscard]] Refusal expected() const { return expected_; }

  [[nodiscard]] bool has(const std::string& key) const { return fields_.contains(key); }
  [[nodiscard]] const std::string& text(const std::string& key) const;
  [[nodiscard]] Octets bytes(const std::string& key) const { return from_hex(text(key)); }
  [[nodiscard]] std::uint32_t number(const std::string& key) const;

  template <std::size_t N>
  [[nodiscard]] Bytes<N> array(const std::string& key) const {
    return array_of<N>(bytes(key));
  }
  [[nodiscard]] Key32 key(const std::string& name) const { return Key32{array<32>(name)}; }

 private:
  std::string name_;
  std::map<std::string, std::string> fields_;
  Octets body_;
  Refusal expected_ = Refusal::internal;
};

/// All vectors whose names begin with `prefix`, in order of their names. Throws if there are none.
[[nodiscard]] std::vector<VectorFile> vectors(std::string_view prefix);

}  // namespace countersign::test
