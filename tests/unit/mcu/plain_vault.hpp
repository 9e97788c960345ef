#pragma once

#include "openssl/crypto.hpp"
#include "unit/protocol/command_scene.hpp"
#include "vault/vault.hpp"

/// What a vault is made of, in plain memory: for tests of the vault alone.
namespace countersign::test {

[[nodiscard]] inline const openssl::OpenSslCrypto& plain_crypto() {
  static const openssl::OpenSslCrypto kCrypto;
  return kCrypto;
}

/// The two keys in plain memory.
class PlainKeys final : public mcu::DeviceKey {
 public:
  explicit PlainKeys(const Key32& first) : present_key{first} {}

  [[nodiscard]] const MacKey& present() const override { return present_; }
  [[nodiscard]] const MacKey* next() const override { return next_key ? &next_ : nullptr; }
  [[nodiscard]] bool store_next(const Key32& key) override {
    waiting_ = key;
    next_key = true;
    return true;
  }
  [[nodiscard]] bool promote() override {
    present_key = waiting_;
    next_key = false;
    return true;
  }
  [[nodiscard]] bool drop_next() override {
    next_key = false;
    return true;
  }

  Key32 present_key;
  bool next_key = false;

 private:
  Key32 waiting_;
  HeldKey present_{plain_crypto(), present_key};
  HeldKey next_{plain_crypto(), waiting_};
};

class PlainNumbers final : public mcu::Numbers {
 public:
  [[nodiscard]] Result<std::uint32_t> next_epoch() override { return ++epoch; }
  [[nodiscard]] Result<std::uint32_t> next_message(std::uint32_t least) override {
    message = least > message ? least : message;
    return message++;
  }
  [[nodiscard]] std::uint32_t upcoming() const override { return message; }
  [[nodiscard]] std::uint16_t last_kid() const override { return kid; }
  [[nodiscard]] bool note_kid(std::uint16_t latest) override {
    kid = latest;
    return true;
  }

  std::uint32_t epoch = 0;
  std::uint32_t message = 1;
  std::uint16_t kid = 0;
};

class PlainMac final : public mcu::PreparedMac {
 public:
  [[nodiscard]] bool prepare(const Key32& key) override {
    key_ = key;
    return true;
  }
  void forget() override { key_ = {}; }
  [[nodiscard]] bool sign(Parts parts, Digest& out) const override {
    return plain_crypto().hmac(key_.bytes(), parts, out);
  }

 private:
  Key32 key_;
};

/// All of these, of a device that anybody may command whom `scene` knows.
struct PlainVault {
  explicit PlainVault(const mcu::Profile& profile = {}) : vault{parts(), profile} {}
  PlainVault(const PlainVault&) = delete;
  PlainVault& operator=(const PlainVault&) = delete;

  CommandScene scene{plain_crypto()};
  SeededRandom random;
  Key32 k = command_secret('k');
  PlainKeys keys{k};
  PlainNumbers numbers;
  PlainMac mac;
  mcu::Vault vault;

 private:
  mcu::Vault::Parts parts() { return {plain_crypto(), random, keys, numbers, mac, scene.device}; }
};

}  // namespace countersign::test
