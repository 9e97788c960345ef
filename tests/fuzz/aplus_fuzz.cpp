/// The messages of A+, at the side that receives each, in each state.
///   1   bits 0–1: which message, bit 2: suite 2, bit 3: the rest is not the message but what is
///       sealed in it under the right key, bit 4: the receiver has had the right message before
///   …   the message, or the plain text of its tail

#include <array>
#include <vector>

#include "countersign/keys.hpp"
#include "fuzz/input.hpp"
#include "unit/protocol/handshake_scene.hpp"

namespace countersign::fuzz {
namespace {

/// A finished handshake, and both sides as they stood before each message.
struct Script {
  explicit Script(Suite suite) : scene{suite, crypto} {
    require(scene.make_first() == Refusal::none);
    fresh = scene;
    require(scene.take_first(scene.m1) == Refusal::none);
    require(scene.make_second() == Refusal::none);
    answered = scene;
    require(scene.take_second(scene.m2) == Refusal::none);
    agreed = scene;
    require(scene.take_third(scene.m3) == Refusal::none);
    require(scene.make_finished() == Refusal::none);
  }

  /// A side of a handshake, copied: its parts only, since a scene refers to its backend.
  struct Sides {
    Sides() = default;
    Sides& operator=(const test::HandshakeScene& from) {
      device = from.device;
      server = from.server;
      return *this;
    }
    AplusInitiator device;
    AplusResponder server;
  };

  openssl::OpenSslCrypto crypto;
  test::HandshakeScene scene;
  Sides fresh;
  Sides answered;
  Sides agreed;
};

/// `message` with another plain text in its tail, sealed under the key that its receiver derives.
test::Octets resealed(const Script& script, unsigned which, const test::Octets& message,
                      std::size_t head, ByteView plain) {
  const Crypto& crypto = script.crypto;
  constexpr std::array<std::string_view, 3> kLabels{"a+ 1", "a+ 2", "a+ 3"};
  HandshakeKey key{.epoch = 7, .r1 = {}, .hk = {}};
  key.r1.fill(std::byte{0x31});
  Digest th2{};
  const Digest& th1 = script.scene.server.first_digest();
  const std::array<ByteView, 2> chain{th1, script.scene.m2};
  require(derive_handshake_key(crypto, script.scene.k, test::kDeviceName, test::kServerName, key));
  require(crypto.sha256(chain, th2));
  const ByteView r2 = which == 1 ? ByteView{message}.subspan(2, kChallengeBytes) : ByteView{};
  const std::array<std::vector<ByteView>, 3> contexts{{{}, {th1, r2}, {th2}}};
  Key16 tail_key;
  require(expand16(crypto, key.hk.bytes(), kLabels[which], contexts[which], tail_key));
  test::Octets out = test::octets(ByteView{message}.first(head));
  const test::Octets aad = out;
  const std::array<ByteView, 1> parts{aad};
  out.resize(head + plain.size() + kAeadTagBytes);
  const MutableBytes tail = MutableBytes{out}.subspan(head);
  require(crypto.seal(tail_key, {}, parts, plain, tail.first(plain.size()),
                      tail.last<kAeadTagBytes>()));
  return out;
}

void first(const Script& script, ByteView message, bool again) {
  const auto parsed = parse_first(message);
  if (!parsed) {
    return;
  }
  require(is_identity(parsed->identity) && is_identity(parsed->server_id));
  AplusResponder server;
  test::SeededRandom random;
  if (server.open(script.crypto, script.scene.k, *parsed) == Refusal::none) {
    require(static_cast<bool>(server.answer(script.crypto, random, {}, 1)));
    require(!again || static_cast<bool>(server.answer(script.crypto, random, {}, 1)));
    require(server.accept(script.crypto, script.scene.m3) != Refusal::none);
  }
}

void second(const Script& script, ByteView message, bool again) {
  AplusInitiator device = again ? script.agreed.device : script.fresh.device;
  test::SeededRandom random;
  const auto m3 = device.answer(script.crypto, random, message);
  require(static_cast<bool>(m3) == device.answered() || again);
  require(!again || static_cast<bool>(m3) == same_tag(message, script.scene.m2));
}

void third(const Script& script, ByteView message, bool again) {
  AplusResponder server = again ? script.scene.server : script.answered.server;
  const Refusal why = server.accept(script.crypto, message);
  require(!again || (why == Refusal::none) == same_tag(message, script.scene.m3));
  require(again || server.accepted() == (why == Refusal::none));
}

void finished(const Script& script, ByteView message, bool again) {
  AplusInitiator device = again ? script.fresh.device : script.agreed.device;
  const auto receipt = device.finish(script.crypto, message);
  require(!receipt || (!again && same_tag(message, script.scene.finished)));
}

}  // namespace

void run(Input in) {
  static const Script kDiffieHellman{Suite::x25519};
  static const Script kSymmetric{Suite::symmetric};
  const std::uint8_t how = in.byte();
  const Script& script = (how & 4U) != 0 ? kSymmetric : kDiffieHellman;
  const bool again = (how & 16U) != 0;
  const unsigned which = how & 3U;
  const ByteView rest = in.rest();
  test::Octets message = test::octets(rest);
  if ((how & 8U) != 0 && which < 3) {
    const std::array messages{&script.scene.m1, &script.scene.m2, &script.scene.m3};
    const std::array<std::size_t, 3> heads{script.scene.m1.size() - 48, 18, 2};
    message = resealed(script, which, *messages[which], heads[which], rest);
  }
  constexpr std::array kReceivers{first, second, third, finished};
  kReceivers[which](script, message, again);
}

}  // namespace countersign::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  countersign::fuzz::run({data, size});
  return 0;
}
