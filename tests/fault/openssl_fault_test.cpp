#include <gtest/gtest.h>

#include <array>

#include "fault/openssl_calls.hpp"
#include "openssl/crypto.hpp"
#include "unit/octets.hpp"

namespace countersign::test {
namespace {

/// `function` says no whenever one of its calls fails, and yes the next time.
void expect_honest(const std::function<bool()>& function, std::size_t least_calls) {
  Fault& fault = openssl_fault();
  const std::size_t calls = fail_each_call(fault, [&] {
    const bool made = function();
    EXPECT_NE(made, fault.struck());
    EXPECT_TRUE(!fault.struck() || function()) << "the failure lasted";
  });
  EXPECT_GE(calls, least_calls);
}

class OpenSslFault : public testing::Test {
 protected:
  const openssl::OpenSslCrypto crypto_;
  const Octets text_ = octets("some text");
  const std::array<ByteView, 2> parts_{text_, text_};
};

TEST_F(OpenSslFault, HashesSayNo) {
  Digest out;
  expect_honest([&] { return crypto_.hmac(text_, parts_, out); }, 4);
  expect_honest([&] { return crypto_.sha256(parts_, out); }, 4);
  const openssl::OpenSslMacKey mac{Key32{}};
  expect_honest([&] { return mac.sign(parts_, out); }, 7);
}

TEST_F(OpenSslFault, SealingSaysNo) {
  Octets body(text_.size());
  Tag tag;
  expect_honest([&] { return crypto_.seal({}, {}, parts_, text_, body, tag); }, 6);
}

TEST_F(OpenSslFault, OpeningSaysNoAndShowsNothing) {
  Octets body(text_.size());
  Tag tag;
  ASSERT_TRUE(crypto_.seal({}, {}, parts_, text_, body, tag));
  Octets plain(text_.size());
  expect_honest(
      [&] {
        const bool opened = crypto_.open({}, {}, parts_, body, tag, plain);
        EXPECT_EQ(plain, opened ? text_ : Octets(text_.size()));
        return opened;
      },
      6);
}

TEST_F(OpenSslFault, DiffieHellmanSaysNo) {
  const Key32 secret{Bytes<32>{std::byte{1}}};
  Point point;
  ASSERT_TRUE(crypto_.dh_public(secret, point));
  Key32 shared;
  expect_honest([&] { return crypto_.dh_public(secret, point); }, 2);
  expect_honest([&] { return crypto_.dh_shared(secret, point, shared); }, 6);
}

TEST_F(OpenSslFault, RandomSaysNo) {
  openssl::OpenSslRandom random;
  Bytes<8> out;
  expect_honest([&] { return random.fill(out); }, 1);
}

TEST_F(OpenSslFault, WhatCouldNotBeMadeRefusesEverything) {
  Fault& fault = openssl_fault();
  const std::size_t calls = fail_each_call(fault, [&] {
    const openssl::OpenSslCrypto crypto;
    const bool whole = !fault.struck();
    Digest digest;
    Octets body(text_.size());
    Tag tag;
    const bool all = crypto.hmac(text_, parts_, digest) && crypto.sha256(parts_, digest) &&
                     crypto.seal({}, {}, parts_, text_, body, tag) &&
                     crypto.open({}, {}, parts_, octets(body), tag, body);
    EXPECT_TRUE(all == whole || (whole && fault.struck()));
  });
  EXPECT_GE(calls, 6U);
  const std::size_t keyed = fail_each_call(fault, [&] {
    const openssl::OpenSslMacKey mac{Key32{}};
    const bool whole = !fault.struck();
    Digest digest;
    EXPECT_TRUE(mac.sign(parts_, digest) == whole || (whole && fault.struck()));
  });
  EXPECT_GE(keyed, 9U);
}

}  // namespace
}  // namespace countersign::test
