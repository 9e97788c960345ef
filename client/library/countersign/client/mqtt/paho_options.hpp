#pragma once

#include <mqtt/async_client.h>

#include "countersign/client/method.hpp"
#include "countersign/client/mqtt/link.hpp"
#include "countersign/client/options.hpp"

namespace countersign::client {

/// Where to connect, as Paho writes it: `ssl://host:8883`.
[[nodiscard]] std::string server_uri(const Options& options);

/// What CONNECT carries. Refers to `options`, which must outlive the connection. May throw what
/// Paho throws.
[[nodiscard]] mqtt::connect_options connect_options(const Options& options,
                                                    const ConnectRequest& request,
                                                    const std::string& trust_store);

/// A message as Paho wants it. May throw what Paho throws.
[[nodiscard]] mqtt::message_ptr paho_message(const Outgoing& message, MqttVersion version);

/// An incoming message, whatever its properties are.
[[nodiscard]] Arrived arrived_message(const mqtt::message& message);

/// A file that holds all certificates of a directory, for Paho's C++ face knows only files. Lives
/// as long as the object.
class TrustStore {
 public:
  [[nodiscard]] static Outcome<TrustStore> open(const TlsOptions& tls);
  TrustStore(TrustStore&& other) noexcept;
  TrustStore& operator=(TrustStore&&) = delete;
  ~TrustStore();

  /// Empty: the system's.
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  TrustStore() = default;

  std::string path_;
  int descriptor_ = -1;
};

/// Whether these options can be used at all: files that are there, versions that exist.
[[nodiscard]] Status check_options(const Options& options, Method method);

}  // namespace countersign::client
