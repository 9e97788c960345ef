/// Audit lines of hostile text: always one line of printable ASCII, and one JSON object.
///   4 4 2 1 1   time (high, low), kid, why, score and level
///   1+n …       identity, topic, client, address, detail, event, verdict, relay

#include <array>

#include "countersign/audit.hpp"
#include "fuzz/input.hpp"

namespace countersign::fuzz {
namespace {

/// Walks an object of texts and numbers, without nesting, as our lines are.
/// \returns false for anything that a JSON parser would stumble over.
bool is_flat_object(std::string_view text) {
  if (text.size() < 2 || text.front() != '{' || text.back() != '}') {
    return false;
  }
  bool inside = false;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    const char c = text[i];
    if (c < 0x20 || c > 0x7E) {
      return false;
    }
    if (inside && c == '\\') {
      const char kind = text[++i];
      i += kind == 'u' ? 4 : 0;
      if (kind != 'u' && kind != '"' && kind != '\\') {
        return false;
      }
      continue;
    }
    inside = c == '"' ? !inside : inside;
    constexpr std::string_view kOutside = "\":,0123456789";
    if (!inside && kOutside.find(c) == std::string_view::npos) {
      return false;
    }
  }
  return !inside;
}

}  // namespace

void run(Input in) {
  AuditLine line;
  line.at = static_cast<Millis>(std::uint64_t{in.number()} << 32 | in.number());
  line.kid = static_cast<std::uint16_t>(in.byte() << 8 | in.byte());
  line.why = static_cast<Refusal>(in.byte());
  line.seq = static_cast<std::int32_t>(in.number());
  const std::uint8_t mixed = in.byte();
  line.has_reputation = (mixed & 0x80U) != 0;
  line.reputation = {static_cast<Level>(mixed & 3U), static_cast<std::int8_t>(mixed & 0x1FU)};
  for (std::string_view* const text : {&line.identity, &line.topic, &line.client, &line.address,
                                       &line.detail, &line.event, &line.verdict, &line.relay}) {
    *text = in.text();
  }
  static std::array<char, kMaxAuditBytes> room;
  const std::string_view written = write_audit_line(line, room);
  require(written.size() > 2 && written.back() == '\n');
  require(is_flat_object(head_of(written, written.size() - 1)));
}

}  // namespace countersign::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  countersign::fuzz::run({data, size});
  return 0;
}
