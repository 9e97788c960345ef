#include "store/starter.hpp"

namespace countersign::store {
namespace {

/// A TOML basic string.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
    }
    out += c;
  }
  return out + "\"";
}

constexpr const char* kRules = R"(
# One [[rule]] per kind of topic; the first that matches decides. For example:
#
# [[rule]]
# name = "readings"
# topic = "plant/%d/+"        # %d: the identity that publishes
# mode = "enforce"
# publish = ["%d"]
# subscribe = ["anyone"]
# range = { pointer = "/temperature", min = -20, max = 60 }

# All other topics: observe counts what would be refused, and refuses nothing.
[default]
mode = "observe"
)";

}  // namespace

std::string starter_toml(const std::string& server_id, const std::string& state_directory) {
  std::string out =
      "# Countersign. Every key is explained in docs/configuration.md; check this file with\n"
      "# countersign config check.\n"
      "server_id = " +
      quoted(server_id) + "\n";
  if (!state_directory.empty()) {
    out +=
        "\n[files]\nkey = \"wrap.key\"\ndatabase = " + quoted(state_directory + "/countersign.db") +
        "\nstate = " + quoted(state_directory) +
        "\naudit = " + quoted(state_directory + "/audit.jsonl") + "\n";
  }
  return out + kRules;
}

}  // namespace countersign::store
