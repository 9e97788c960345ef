#pragma once

#include <memory>
#include <string>

#include "countersign/client/key_file.hpp"
#include "countersign/client/key_source.hpp"

namespace countersign::client {

/// A key in a file (`key_file.hpp`), of either method. Reads it anew for each handshake, so that it
/// may be shared with other processes and rekeyed meanwhile; keeps no key in memory between.
class SoftwareKey final : public KeySource {
 public:
  /// Reads the file once, to fail early.
  [[nodiscard]] static Outcome<std::unique_ptr<SoftwareKey>> open(std::string path);

  [[nodiscard]] const Identity& identity() const override { return identity_; }
  [[nodiscard]] Outcome<HandshakeKey> next_handshake_key(std::string_view server_id) override;
  [[nodiscard]] Method method() const override { return method_; }
  [[nodiscard]] Outcome<RegistrationKey> registration() override;

  /// What the file said when it was opened.
  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] const std::string& server_id() const { return server_id_; }
  [[nodiscard]] Suite suite() const { return suite_; }

 private:
  SoftwareKey(std::string path, const KeyFile& key);

  [[nodiscard]] Status check_same(const KeyFile& key) const;

  std::string path_;
  Identity identity_;
  Kind kind_;
  std::string server_id_;
  Suite suite_;
  Method method_;
};

}  // namespace countersign::client
