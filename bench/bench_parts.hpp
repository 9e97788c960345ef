#pragma once

#include <memory>
#include <vector>

#include "countersign/gate.hpp"
#include "openssl/crypto.hpp"

namespace countersign::bench {

/// A sender with one open session, and messages of it that nobody has seen yet.
class Signer {
 public:
  explicit Signer(std::size_t payload_bytes);
  Signer(const Signer&) = delete;
  Signer& operator=(const Signer&) = delete;

  /// The next message, signed. Borrows until the next call.
  [[nodiscard]] Publish next();

  [[nodiscard]] const Crypto& crypto() const { return crypto_; }
  [[nodiscard]] Sender& sender() { return sender_; }
  [[nodiscard]] const openssl::OpenSslMacKey& key() const { return mac_; }
  [[nodiscard]] MutableBytes plain() { return plain_; }

 private:
  openssl::OpenSslCrypto crypto_;
  openssl::OpenSslMacKey mac_;
  Session session_;
  DirectionKey up_;
  std::vector<std::uint64_t> ring_;
  Sender sender_;
  std::vector<std::byte> payload_;
  std::vector<std::byte> envelope_;
  std::vector<std::byte> plain_;
  std::uint32_t seq_ = 0;
};

/// A topic of 20 bytes, as in the budget.
inline constexpr std::string_view kTopic = "plant/mote-3/reading";
static_assert(kTopic.size() == 20);

}  // namespace countersign::bench
