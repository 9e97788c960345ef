#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "flash/provisioning.hpp"
#include "tools/key_reader.hpp"

namespace countersign::mcu::tools {

/// What was asked for, as the command line has it. Numbers are in `Settings`.
struct NewDevice {
  std::string identity;
  std::string server_id;
  std::string key_path;
  std::string broker;
  std::string address;
  std::string gateway;
  bool dhcp = false;
  std::string topic;
  std::string data_path;
  std::uint32_t mote = 1;
  std::string will_topic;
  std::string will_payload;
  std::vector<std::string> words;
  std::vector<std::string> commanders;  ///< ID:FILE
  std::string wake;
};

/// A device to be made: reads the files that the options name, and says what is wrong with them.
class DevicePlan {
 public:
  DevicePlan() = default;
  DevicePlan(const DevicePlan&) = delete;
  DevicePlan& operator=(const DevicePlan&) = delete;
  ~DevicePlan() = default;

  // for the command line to fill in
  [[nodiscard]] NewDevice& options() { return options_; }
  [[nodiscard]] Settings& settings() { return settings_; }

  /// Once.
  [[nodiscard]] client::Status make();

  // after it
  [[nodiscard]] const Settings& settings() const { return settings_; }
  [[nodiscard]] const Secrets& secrets() const { return secrets_; }
  [[nodiscard]] ByteView data() const { return data_; }

 private:
  [[nodiscard]] client::Status take_key();
  [[nodiscard]] client::Status take_key_file(const client::KeyFile& file);
  [[nodiscard]] client::Status take_registration(const client::RegistrationKey& registration);
  [[nodiscard]] client::Status take_names();
  [[nodiscard]] client::Status take_network();
  [[nodiscard]] client::Status take_address();
  [[nodiscard]] client::Status take_topics();
  [[nodiscard]] client::Status check_connect();
  [[nodiscard]] client::Status take_commands();
  [[nodiscard]] client::Status take_commanders();
  [[nodiscard]] client::Status take_commander(std::string_view commander);
  [[nodiscard]] client::Status take_data();

  NewDevice options_;
  DeviceKeyFile key_;
  std::vector<std::byte> wake_bytes_;
  std::vector<std::byte> data_;
  Settings settings_;  // borrows from all of these
  Secrets secrets_;
};

}  // namespace countersign::mcu::tools
