/// Runs a fuzz target over the files of folders, once as they are and once cut at each length: the
/// regression test of a corpus, for compilers without libFuzzer.

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz/input.hpp"

namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void run(const std::string& input, std::size_t size) {
  // a copy of exactly this size, so that the sanitizer sees an overrun
  const std::vector<std::uint8_t> bytes{input.begin(),
                                        input.begin() + static_cast<std::ptrdiff_t>(size)};
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

}  // namespace

int main(int count, char** arguments) {
  std::size_t files = 0;
  for (int i = 1; i < count; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator{arguments[i]}) {
      const std::string input = read_file(entry.path());
      std::cout << entry.path().string() << std::endl;  // seen even if the run aborts
      // long inputs are cut more coarsely
      const std::size_t step = 1 + input.size() / 512;
      for (std::size_t size = 0; size < input.size(); size += step) {
        run(input, size);
      }
      run(input, input.size());
      ++files;
    }
  }
  std::cout << files << " files\n";
  return files == 0 ? 1 : 0;
}
