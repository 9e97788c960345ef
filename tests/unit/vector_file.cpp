#include "unit/vector_file.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace countersign::test {
namespace {

Refusal expectation(const std::string& text) {
  constexpr std::string_view kRefuse = "refuse ";
  if (text == "accept") {
    return Refusal::none;
  }
  const std::string_view name =
      std::string_view{text}.substr(std::min(text.size(), kRefuse.size()));
  const Refusal why = refusal_named(name);
  if (!text.starts_with(kRefuse) || name_of(why) != name || why == Refusal::none) {
    throw std::runtime_error("expect: " + text);
  }
  return why;
}

}  // namespace

VectorFile::VectorFile(const std::string& path) : name_{std::filesystem::path{path}.stem()} {
  std::ifstream in{path};
  std::string line;
  while (std::getline(in, line) && !line.empty()) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) {
      throw std::runtime_error(name_ + ": no key in: " + line);
    }
    const std::string value = colon + 2 <= line.size() ? line.substr(colon + 2) : "";
    if (!fields_.emplace(line.substr(0, colon), value).second) {
      throw std::runtime_error(name_ + ": twice: " + line);
    }
  }
  while (std::getline(in, line)) {
    body_ = std::move(body_) + from_hex(line);
  }
  expected_ = expectation(text("expect"));
}

const std::string& VectorFile::text(const std::string& key) const {
  const auto found = fields_.find(key);
  if (found == fields_.end()) {
    throw std::runtime_error(name_ + " has no " + key);
  }
  return found->second;
}

std::uint32_t VectorFile::number(const std::string& key) const {
  return static_cast<std::uint32_t>(std::stoul(text(key)));
}

std::vector<VectorFile> vectors(std::string_view prefix) {
  std::vector<VectorFile> found;
  for (const auto& entry : std::filesystem::directory_iterator{COUNTERSIGN_VECTORS}) {
    const std::string name = entry.path().filename();
    if (name.starts_with(prefix) && entry.path().extension() == ".vec") {
      found.emplace_back(entry.path());
    }
  }
  if (found.empty()) {
    throw std::runtime_error("no vectors begin with " + std::string{prefix});
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.name() < b.name(); });
  return found;
}

}  // namespace countersign::test
