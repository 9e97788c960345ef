#pragma once

#include "admin.hpp"
#include "options.hpp"
#include "particulars.hpp"

namespace countersign::cli {

/// Registering a device by what it says about itself, for MFA_R: T makes identity, password and
/// K_reg, which are shown once and go into a new key file.
class DataRegistration {
 public:
  /// \returns the option that asks for it.
  CLI::Option* declare(CLI::App& app);
  [[nodiscard]] bool asked() const { return !words_.empty(); }

  /// \returns the exit code.
  [[nodiscard]] int run(const Console& console, const Connection& connection,
                        const Particulars& particulars) const;

 private:
  [[nodiscard]] client::Outcome<Json> command(const Particulars& particulars) const;
  /// JSON without a file named for it: the registration itself is what is wanted.
  [[nodiscard]] bool shows_secrets(const Console& console) const {
    return console.json && path_.empty();
  }
  [[nodiscard]] int keep(const Console& console, const Json& reply, const Json& data) const;

  std::vector<std::string> words_;
  std::string token_path_;
  std::string path_;
  Suite suite_ = Suite::x25519;
};

}  // namespace countersign::cli
