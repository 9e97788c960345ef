#pragma once

#include "countersign/crypto.hpp"
#include "fault/fault.hpp"

namespace countersign::test {

/// A backend that fails where its fault says, and leaves zeroes for whoever looks at the output.
class FailingCrypto final : public Crypto {
 public:
  FailingCrypto(const Crypto& real, Fault& fault) : real_{real}, fault_{fault} {}

  [[nodiscard]] bool hmac(ByteView key, Parts parts, Digest& out) const override {
    return fault_.strikes() ? fail(out) : real_.hmac(key, parts, out);
  }
  [[nodiscard]] bool sha256(Parts parts, Digest& out) const override {
    return fault_.strikes() ? fail(out) : real_.sha256(parts, out);
  }
  [[nodiscard]] bool seal(const Key16& key, const Nonce& nonce, Parts aad, ByteView plain,
                          MutableBytes body,
                          std::span<std::byte, kAeadTagBytes> tag) const override {
    return fault_.strikes() ? fail(body) : real_.seal(key, nonce, aad, plain, body, tag);
  }
  [[nodiscard]] bool open(const Key16& key, const Nonce& nonce, Parts aad, ByteView body,
                          ByteView tag, MutableBytes plain) const override {
    return fault_.strikes() ? fail(plain) : real_.open(key, nonce, aad, body, tag, plain);
  }
  [[nodiscard]] bool dh_public(const Key32& secret, Point& out) const override {
    return fault_.strikes() ? fail(out) : real_.dh_public(secret, out);
  }
  [[nodiscard]] bool dh_shared(const Key32& secret, const Point& peer, Key32& out) const override {
    return fault_.strikes() ? fail(out.fill()) : real_.dh_shared(secret, peer, out);
  }

 private:
  static bool fail(MutableBytes out) {
    wipe(out);
    return false;
  }

  const Crypto& real_;
  Fault& fault_;
};

class FailingMacKey final : public MacKey {
 public:
  FailingMacKey(const MacKey& real, Fault& fault) : real_{real}, fault_{fault} {}
  [[nodiscard]] bool sign(Parts parts, Digest& out) const override {
    out = {};
    return !fault_.strikes() && real_.sign(parts, out);
  }

 private:
  const MacKey& real_;
  Fault& fault_;
};

class FailingRandom final : public Random {
 public:
  FailingRandom(Random& real, Fault& fault) : real_{real}, fault_{fault} {}
  [[nodiscard]] bool fill(MutableBytes out) override {
    wipe(out);
    return !fault_.strikes() && real_.fill(out);
  }

 private:
  Random& real_;
  Fault& fault_;
};

}  // namespace countersign::test
