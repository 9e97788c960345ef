/// Messages of MFA_R's two steps.
///   1   bits 0–1: step 1, q, a or finished; bit 2: suite 2; bit 3: a under a right tag
///   …   message, or n1

#include <array>

#include "countersign/keys.hpp"
#include "fuzz/input.hpp"
#include "unit/protocol/mfar_scene.hpp"

namespace countersign::fuzz {
namespace {

/// A step in the middle: T asked and the device answered.
struct Script {
  explicit Script(Suite suite) : scene{suite, crypto} {
    require(scene.make_question() == Refusal::none);
    require(scene.take_question(scene.q) == Refusal::none);
  }

  openssl::OpenSslCrypto crypto;
  test::MfarScene scene;
};

void step1(const Script&, ByteView message) {
  const auto claim = parse_password_claim(message);
  if (!claim) {
    return;
  }
  test::Octets room(message.size());
  Writer out{room};
  require(write_password_claim(*claim, out));
  require_same(out.written(), message);
}

void question(const Script& script, ByteView message) {
  test::MfarScene fresh{script.scene.suite, script.crypto};
  const bool parsed = static_cast<bool>(parse_question(message));
  const Refusal why = fresh.take_question(message);
  require(parsed == (why != Refusal::malformed));
  require(fresh.device.answered() == (why == Refusal::none));
  if (fresh.device.answered()) {
    const test::Octets a = fresh.a;
    require(fresh.take_question(message) == Refusal::none);
    require_same(fresh.a, a);
  }
}

void answer(const Script& script, ByteView message) {
  test::MfarScene scene = script.scene;
  const Refusal why = scene.take_answer(message);
  require(scene.server.accepted() == (why == Refusal::none));
  require(scene.server.spent() == (why == Refusal::bad_handshake));
}

void finished(const Script& script, ByteView message) {
  test::MfarScene scene = script.scene;
  require(scene.take_answer(scene.a) == Refusal::none && scene.make_finished() == Refusal::none);
  require((scene.take_finished(message) == Refusal::none) == same_tag(message, scene.finished));
}

/// An `a` with this n1, as who holds key and data may send it.
test::Octets right(const Script& script, ByteView n1) {
  const auto q = parse_question(script.scene.q);
  Bytes<kMaxFieldValueBytes> room;
  const auto result = apply_query(q->query, script.scene.fields, room);
  const Bytes<2> size = be16(result->size());
  const std::array<ByteView, 4> context{q->whole, n1, size, *result};
  Key16 tag;
  require(expand16(script.crypto, script.scene.k_reg.bytes(), "mfar a", context, tag));
  test::Octets out(1 + n1.size() + kTagBytes);
  Writer writer{out};
  writer.be(kAnswerMark).raw(n1).raw(tag.bytes());
  return out;
}

}  // namespace

void run(Input in) {
  static const Script kDiffieHellman{Suite::x25519};
  static const Script kSymmetric{Suite::symmetric};
  const std::uint8_t how = in.byte();
  const Script& script = (how & 4U) != 0 ? kSymmetric : kDiffieHellman;
  const ByteView rest = in.rest();
  const bool sealed = (how & 11U) == 10;
  const test::Octets message = sealed ? right(script, rest) : test::octets(rest);
  constexpr std::array kReceivers{step1, question, answer, finished};
  kReceivers[how & 3U](script, message);
}

}  // namespace countersign::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  countersign::fuzz::run({data, size});
  return 0;
}
