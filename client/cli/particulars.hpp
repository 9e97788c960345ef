#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "console.hpp"

namespace countersign::cli {

/// What an identity is registered with beside its secret: `--role`, `--label`.
struct Particulars {
  std::vector<std::string> roles;
  std::string label;

  void declare_roles(CLI::App& app, const std::string& what) {
    app.add_option("--role", roles, what)->type_name("ROLE")->expected(1)->take_all();
  }
  void declare_label(CLI::App& app, const std::string& what) {
    app.add_option("--label", label, what)->type_name("TEXT");
  }
  void add_to(Json& command) const {
    if (!roles.empty()) {
      command["roles"] = roles;
    }
    if (!label.empty()) {
      command["label"] = label;
    }
  }
};

}  // namespace countersign::cli
