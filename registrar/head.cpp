#include "registrar/head.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "countersign/bytes.hpp"

namespace countersign::registrar {
namespace {

/// Fields that change how a request is read or who sends it: once at most.
constexpr std::array<std::string_view, 7> kOnce{
    "authorization", "content-encoding", "content-length", "content-type", "expect",
    "host",          "transfer-encoding"};

std::string lower_case(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

/// RFC 9110, section 5.6.2.
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           kOthers.find(c) != std::string_view::npos;
  });
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
  });
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t first = text.find_first_not_of(kBlanks);
  return first == std::string_view::npos
             ? std::string_view{}
             : text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

/// Takes the next line off `rest`. A CR or LF alone is left in it, where it is no printable.
std::string_view next_line(std::string_view& rest) {
  const std::size_t end = rest.find("\r\n");
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 2);
  return line;
}

/// Reads the fields one after the other.
class Fields {
 public:
  explicit Fields(Head& out) : out_{out} {}

  bool take(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon)) ||
        !is_printable(line) || ++count_ > kMaxFields) {
      return false;
    }
    const std::string name = lower_case(line.substr(0, colon));
    const auto* const once = std::find(kOnce.begin(), kOnce.end(), name);
    if (once != kOnce.end()) {
      bool& seen = seen_[static_cast<std::size_t>(once - kOnce.begin())];
      if (seen) {
        return false;
      }
      seen = true;
    }
    if (name == "authorization") {
      out_.authorization = trimmed(line.substr(colon + 1));
    } else if (name != "range") {
      out_.text.append(line).append("\r\n");
    }
    return true;
  }

 private:
  Head& out_;
  std::size_t count_ = 0;
  std::array<bool, kOnce.size()> seen_{};
};

}  // namespace

Head::~Head() { wipe(std::as_writable_bytes(std::span{authorization})); }

bool read_head(std::string_view text, Head& out) {
  if (!text.ends_with("\r\n\r\n")) {
    return false;
  }
  out.text.reserve(text.size());
  const std::string_view request = next_line(text);
  if (request.empty() || !is_printable(request) ||
      std::count(request.begin(), request.end(), ' ') != 2) {
    return false;
  }
  out.text.append(request).append("\r\n");
  Fields fields{out};
  for (std::string_view line = next_line(text); !line.empty(); line = next_line(text)) {
    if (!fields.take(line)) {
      return false;
    }
  }
  out.text.append("\r\n");
  return text.empty();
}

}  // namespace countersign::registrar
