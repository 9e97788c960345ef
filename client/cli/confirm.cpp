#include "confirm.hpp"

#include <array>
#include <cstdio>
#include <memory>
#include <string_view>

#include "options.hpp"

namespace countersign::cli {
namespace {

using client::Error;
using client::Fault;

/// The first word of a line; what is too long for this is no word that is asked for.
std::string read_word(std::FILE* terminal) {
  std::array<char, 16> line{};
  const bool read = std::fgets(line.data(), line.size(), terminal) != nullptr;
  const std::string_view text = read ? line.data() : "";
  return std::string{text.substr(0, text.find_first_of(" \t\r\n"))};
}

}  // namespace

client::Status confirm(const std::string& question, const std::string& option) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> terminal{std::fopen("/dev/tty", "r+e"),
                                                                 std::fclose};
  if (!terminal) {
    return Error{.fault = Fault::usage,
                 .text = "no terminal to ask at: " + question,
                 .hint = option + " goes on without asking"};
  }
  std::fputs((question + " Go on? [y/N] ").c_str(), terminal.get());
  std::fflush(terminal.get());
  const std::string word = read_word(terminal.get());
  if (same_word(word, "y") || same_word(word, "yes")) {
    return client::Done{};
  }
  return Error{.fault = Fault::usage, .text = "not done"};
}

}  // namespace countersign::cli
