#pragma once

#include "countersign/aplus.hpp"
#include "unit/octets.hpp"

namespace countersign::test {

/// Keeps a message as its receiver would: in a buffer of its own.
inline Refusal keep(const Result<ByteView>& made, Octets& out) {
  if (made) {
    out = octets(*made);
  }
  return made.why();
}

/// True if T accepted, and both sides hold the same session, whose key is a key.
template <class Device, class Server>
bool agreed(const Device& device, const Server& server) {
  const Agreement& ours = device.agreement();
  const Agreement& theirs = server.agreement();
  return server.accepted() && ours.auth_code == theirs.auth_code && ours.kid == theirs.kid &&
         same_tag(ours.sk.bytes(), theirs.sk.bytes()) &&
         !same_tag(ours.sk.bytes(), Key32{}.bytes());
}

/// What the device says to `finished`; a receipt that it takes goes to `received`.
template <class Device>
Refusal take_finished(const Crypto& crypto, Device& device, ByteView message, Receipt& received) {
  const auto got = device.finish(crypto, message);
  if (got) {
    received = *got;
  }
  return got.why();
}

}  // namespace countersign::test
