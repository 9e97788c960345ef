#include "registrar/note.hpp"

#include <algorithm>
#include <cstdio>
#include <string>

namespace countersign::registrar {

void note(std::string_view text) {
  std::string line = std::string{"countersign-registrar: "}.append(text);
  // what the broker or a file said may hold anything
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  std::replace_if(line.begin(), line.end(), is_control, ' ');
  line += '\n';
  static_cast<void>(std::fwrite(line.data(), 1, line.size(), stderr));
}

}  // namespace countersign::registrar
