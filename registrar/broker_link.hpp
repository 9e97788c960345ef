#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "countersign/client/client.hpp"
#include "registrar/settings.hpp"

namespace countersign::registrar {

/// Our login at the broker, kept up for ever: whenever it is lost it is made again. May be used
/// from any thread.
class BrokerLink {
 public:
  BrokerLink(client::Options options, std::unique_ptr<client::KeySource> key);
  /// Reads the key file. Does not wait for the broker.
  [[nodiscard]] static client::Outcome<std::unique_ptr<BrokerLink>> open(
      const BrokerSettings& settings);
  ~BrokerLink();
  BrokerLink(const BrokerLink&) = delete;
  BrokerLink& operator=(const BrokerLink&) = delete;

  [[nodiscard]] bool online() const;
  /// One administrative command; the JSON text of its data. At once `Fault::network` if we are not
  /// online; else waits for some seconds at most.
  [[nodiscard]] client::Outcome<std::string> ask(std::string_view command);

 private:
  void keep_up();
  void log_in();
  void tell(client::State state, const std::string& text);

  bool was_online_ = false;  ///< the client's thread's
  client::Client client_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  std::string told_;  ///< the last failure that the operator was told; our thread's
  std::thread thread_;
};

}  // namespace countersign::registrar
