#include "text_file.hpp"

#include <array>
#include <fstream>
#include <iostream>

#include "hints.hpp"

namespace countersign::cli {

client::Outcome<std::string> read_text_file(const std::string& path, std::size_t limit) {
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
  }
  std::istream& in = path == "-" ? std::cin : file;
  std::string text;
  std::array<char, 65'536> chunk{};
  while (text.size() <= limit && in) {
    in.read(chunk.data(), chunk.size());
    text.append(chunk.data(), static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad() || (path != "-" && !file.is_open())) {
    return client::Error{
        .fault = client::Fault::file, .text = "cannot read " + path, .hint = kReadHint};
  }
  if (text.size() > limit) {
    return client::Error{.fault = client::Fault::file,
                         .text = path + " is longer than " + std::to_string(limit) + " bytes"};
  }
  return text;
}

}  // namespace countersign::cli
