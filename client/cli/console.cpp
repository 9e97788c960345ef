#include "console.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>

namespace countersign::cli {
namespace {

void write_line(std::FILE* file, std::string_view before, std::string_view text) {
  std::string line{before};
  line.append(text).append("\n");
  errno = 0;
  const bool written =
      std::fwrite(line.data(), 1, line.size(), file) == line.size() && std::fflush(file) == 0;
  if (!written && file == stdout && errno == EPIPE) {
    // the MQTT library ignores this signal for its sockets; `| head -1` still ends us quietly
    static_cast<void>(std::signal(SIGPIPE, SIG_DFL));
    static_cast<void>(std::raise(SIGPIPE));
  }
}

/// How many bytes the UTF-8 character at the start of `text` takes; 0: none that may be shown.
std::size_t shown_bytes(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = at(0);
  if (first < 0x80) {
    return first >= 0x20 && first != 0x7F ? 1 : 0;
  }
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) {
    return 0;
  }
  for (std::size_t i = 1; i < size; ++i) {
    if ((at(i) & 0xC0U) != 0x80) {
      return 0;
    }
  }
  // control characters, numbers in other than their shortest form, surrogates, beyond Unicode
  const bool odd = (first == 0xC2 && at(1) < 0xA0) || (first == 0xE0 && at(1) < 0xA0) ||
                   (first == 0xED && at(1) > 0x9F) || (first == 0xF0 && at(1) < 0x90) ||
                   (first == 0xF4 && at(1) > 0x8F);
  return odd ? 0 : size;
}

}  // namespace

void Console::line(std::string_view text) const { write_line(stdout, "", text); }

void Console::print(const Json& result) const {
  line(result.dump(-1, ' ', true, Json::error_handler_t::replace));
}

void Console::note(std::string_view text) const { write_line(stderr, "countersign: ", text); }

void Console::hint(std::string_view text) const { write_line(stderr, "countersign: hint: ", text); }

int Console::fail(const client::Error& why) const {
  note(printable(why.text));
  if (!why.hint.empty()) {
    hint(printable(why.hint));
  }
  return client::exit_code(why.fault);
}

bool Console::writable() const { return std::ferror(stdout) == 0; }

std::string printable(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  while (!text.empty()) {
    const std::size_t size = shown_bytes(text);
    if (size != 0) {
      out += text.substr(0, size);
    } else {
      const auto byte = static_cast<unsigned char>(text[0]);
      out.append("\\x").append(1, kDigits[byte >> 4U]).append(1, kDigits[byte & 0x0FU]);
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

bool is_text(std::string_view bytes) {
  while (!bytes.empty()) {
    const bool ascii = static_cast<unsigned char>(bytes[0]) < 0x80;
    const std::size_t size = ascii ? 1 : shown_bytes(bytes);
    if (size == 0) {
      return false;
    }
    bytes.remove_prefix(size);
  }
  return true;
}

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned>(c) & 0xC0U) != 0x80; }));
}

std::vector<std::string> aligned(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], width_of(row[i]));
    }
  }
  std::vector<std::string> lines;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) {
        line.append(widths[i] - width_of(row[i]) + 2, ' ');
      }
    }
    lines.push_back(line.substr(0, line.find_last_not_of(' ') + 1));
  }
  return lines;
}

std::string cut(const std::string& text, std::size_t width) {
  if (width_of(text) <= width) {
    return text;
  }
  std::string out;
  std::size_t left = width;  // the ~ takes the place of the first that has no room
  for (const char c : text) {
    const bool begins = (static_cast<unsigned char>(c) & 0xC0U) != 0x80;
    if (begins && left-- <= 1) {
      break;
    }
    out += c;
  }
  return width == 0 ? "" : out + "~";
}

}  // namespace countersign::cli
