/// Envelopes in both forms, as a publish that reaches the gate, under the keys of the vectors.
///   1   bit 0: the readable form, bit 1: RETAIN, bits 2–3: QoS, bit 4: the rule asks for all
///   1+n topic
///   1+n props
///   1+n the text of `cs1`, readable form only
///   …   payload

#include <algorithm>

#include "countersign/base64url.hpp"
#include "fuzz/input.hpp"
#include "unit/protocol/gate_scene.hpp"

namespace countersign::fuzz {
namespace {

/// What was parsed is what we would have written.
void require_canonical(const Envelope& claim, ByteView payload, bool readable) {
  Bytes<kMaxHeaderBytes> room;
  Writer header{room};
  require(write_header(claim.header, header));
  require_same(header.written(), claim.header_bytes);
  require(claim.tag.size() == claim.header.tag_bytes());
  const std::size_t around = readable ? 0 : claim.header_bytes.size() + claim.tag.size();
  require(claim.body.size() + around == payload.size());
}

/// The scene of the gate's unit tests with the secrets of tests/vectors, as new for each input.
class VectorScene {
 public:
  VectorScene() {
    scene_.session.sk = Key32{test::array_of<32>(
        test::from_hex("37001cfe4aa64dde6779fa6881936a027443555fa2d6b44fc74f4730a5571d08"))};
    require(derive(scene_.real, scene_.session.sk, Direction::up, scene_.up));
    scene_.session.up = static_cast<const SealingKey&>(scene_.up);
    scene_.up_mac = openssl::OpenSslMacKey{scene_.up.mac};
    const test::Octets k =
        test::from_hex("df62106eb228c722d0aa443d147894fbaab071c603d019c989d32976ce8bae60");
    require(expand(scene_.real, k, "card cc", {}, scene_.card_key));
    scene_.rule.evaluator = &scene_.digits;
    fresh_ = scene_.session;
    sender_ = scene_.sender;
  }

  void judge_one(const Publish& publish, bool strict, std::uint16_t kid) {
    renew(strict, kid);
    const auto before = scene_.state();
    const Verdict verdict = judge(publish);
    require(verdict.proven || scene_.state() == before);
    require(!verdict.deliver || verdict.proven);
    require(verdict.proven == (verdict.session != nullptr));
    require(!strict || !verdict.deliver);
    const auto after = scene_.state();
    const Verdict again = judge(publish);
    require(!again.deliver && scene_.state() == after);
    require(again.proven == verdict.proven);
  }

 private:
  Verdict judge(const Publish& publish) {
    scene_.plain.assign(publish.payload.size(), std::byte{0});
    return countersign::judge(scene_.real, scene_.limits, scene_.rule, &scene_.sender, publish,
                              scene_.now, scene_.plain);
  }

  void renew(bool strict, std::uint16_t kid) {
    std::fill(scene_.ring.begin(), scene_.ring.end(), 0);
    scene_.session = fresh_;
    scene_.session.kid = kid;
    scene_.sender = sender_;
    scene_.rule.retained = scene_.rule.qos2 = scene_.rule.short_tags = !strict;
    scene_.rule.sealed = scene_.rule.card_required = strict;
  }

  test::GateScene scene_;
  Session fresh_;
  Sender sender_;
};

}  // namespace

void run(Input in) {
  static VectorScene scene;
  const std::uint8_t how = in.byte();
  Publish publish;
  publish.permitted = true;
  publish.has_property = (how & 1U) != 0;
  publish.retain = (how & 2U) != 0;
  publish.qos = (how >> 2) & 3U;
  publish.context.topic = in.field();
  publish.context.props = in.field();
  Bytes<kMaxHeaderBytes + kTagBytes + 2> property;
  const std::string_view text = publish.has_property ? in.text() : std::string_view{};
  publish.payload = in.rest();
  if (publish.has_property && !decode_base64url(text, property, publish.property)) {
    return;
  }
  const auto claim = publish.has_property ? parse_property(publish.property, publish.payload)
                                          : parse_envelope(publish.payload);
  if (claim) {
    require_canonical(*claim, publish.payload, publish.has_property);
  }
  scene.judge_one(publish, (how & 16U) != 0, claim ? claim->header.kid : std::uint16_t{1});
}

}  // namespace countersign::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  countersign::fuzz::run({data, size});
  return 0;
}
