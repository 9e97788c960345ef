#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "countersign/client/card/transport.hpp"
#include "countersign/client/outcome.hpp"

namespace countersign::cli {

/// How this host's readers are talked to.
class ReaderOptions {
 public:
  void declare(CLI::App& app);

  [[nodiscard]] client::Outcome<client::TransportFactory> transports() const;

 private:
  std::string log_path_;
};

}  // namespace countersign::cli
