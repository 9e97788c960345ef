#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "console.hpp"
#include "countersign/client/client.hpp"
#include "key_options.hpp"

namespace countersign::cli {

/// How to reach the broker, spelled as mosquitto_pub spells it, and with whose key.
class Connection {
 public:
  void declare(CLI::App& app);

  /// Sets what depends on whose key it is.
  using Arrange = std::function<void(std::string_view identity, client::Options& options)>;

  /// A client that has not connected yet. `observer` is told besides the log.
  [[nodiscard]] client::Outcome<std::unique_ptr<client::Client>> open(
      client::Observer observer = {}, const Arrange& arrange = {}) const;
  /// A client that is logged in.
  [[nodiscard]] client::Outcome<std::unique_ptr<client::Client>> login() const;

  /// Refuses keys of any other method.
  void require(client::Method method) { required_ = method; }
  [[nodiscard]] client::Options& options() { return options_; }
  [[nodiscard]] const PinInput& pins() const { return key_.pins(); }
  [[nodiscard]] const ReaderOptions& readers() const { return key_.readers(); }

 private:
  void declare_tls(CLI::App& app);
  [[nodiscard]] client::Status check_method(client::Method method) const;
  static void complete_tls(client::TlsOptions& tls);
  [[nodiscard]] client::Status complete(const OpenKey& key, client::Options& options) const;

  client::Options options_;
  KeyOptions key_;
  std::optional<client::Method> required_;
  std::string host_;
  int suite_ = 0;
  bool verbose_ = false;
};

}  // namespace countersign::cli
