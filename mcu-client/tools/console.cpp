#include "tools/console.hpp"

#include <cstdio>

#include "tools/hex.hpp"

namespace countersign::mcu::tools {
namespace {

constexpr std::size_t kNameColumns = 16;

void write_line(std::FILE* file, std::string_view before, std::string_view text) {
  std::string line{before};
  line.append(text).append("\n");
  // a failure sticks to the stream: writable() tells
  static_cast<void>(std::fwrite(line.data(), 1, line.size(), file));
  static_cast<void>(std::fflush(file));
}

}  // namespace

void Console::line(std::string_view text) const { write_line(stdout, "", text); }

void Console::row(std::string_view name, std::string_view value) const {
  std::string before{name};
  before.resize(kNameColumns, ' ');
  write_line(stdout, before, value);
}

void Console::print(const Json& result) const {
  line(result.dump(-1, ' ', true, Json::error_handler_t::replace));
}

void Console::hint(std::string_view text) const { write_line(stderr, "countersign: hint: ", text); }

int Console::fail(const client::Error& why) const {
  write_line(stderr, "countersign: ", printable(why.text));
  if (!why.hint.empty()) {
    hint(printable(why.hint));
  }
  return client::exit_code(why.fault);
}

bool Console::writable() const { return std::ferror(stdout) == 0; }

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c >= ' ' && c <= '~') {
      out += c;
    } else {
      out.append("\\x").append(hex_of(bytes_of({&c, 1})));
    }
  }
  return out;
}

}  // namespace countersign::mcu::tools
