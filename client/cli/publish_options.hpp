#pragma once

#include <CLI/CLI.hpp>

#include "countersign/client/message.hpp"
#include "countersign/client/options.hpp"

namespace countersign::cli {

/// How a message is signed and sent.
class MessageOptions {
 public:
  void declare(CLI::App& app);
  /// Success is to mean accepted, so MQTT 3.1.1 asks for a receipt unless told not to.
  [[nodiscard]] client::PublishOptions for_version(client::MqttVersion version) const;

 private:
  client::PublishOptions options_;
  int qos_ = 1;
  bool property_ = false;
  bool confirm_ = false;
  bool no_confirm_ = false;
  bool utf8_ = false;
  std::string content_type_;
};

}  // namespace countersign::cli
