#pragma once

#include <functional>
#include <memory>

#include "countersign/client/mqtt/link.hpp"
#include "countersign/client/mqtt/paho_options.hpp"

namespace countersign::client {

/// The link over Paho MQTT C++. Each connection is a client object of Paho's own, since the client
/// id changes. Paho's threads only call `post`; none of its exceptions gets out.
class PahoLink final : public Link {
 public:
  /// `post` is called on Paho's threads with the number of the connection it is about.
  using Post = std::function<void(std::uint64_t connection, LinkEvent event)>;

  PahoLink(const Options& options, TrustStore trust, Post post);
  ~PahoLink() override;

  void open(const ConnectRequest& request) override;
  void send(Ticket ticket, const Outgoing& message) override;
  void subscribe(Ticket ticket, const std::string& filter, std::uint8_t qos) override;
  void unsubscribe(Ticket ticket, const std::string& filter) override;
  void close() override;

  /// Events of any other connection are to be dropped.
  [[nodiscard]] std::uint64_t current() const { return current_; }

 private:
  class Connection;

  const Options& options_;
  TrustStore trust_;
  Post post_;
  std::uint64_t current_ = 0;
  std::unique_ptr<Connection> connection_;
};

}  // namespace countersign::client
