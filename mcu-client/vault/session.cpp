#include "vault/session.hpp"

#include "vault/renew.hpp"

namespace countersign::mcu {
namespace {

/// Not inlined: for a device, whose stack is small, a key's copy is for sealing alone.
[[gnu::noinline]] Result<ByteView> seal(const Crypto& crypto, const SealingKey& up,
                                        const Header& header, const MessageContext& context,
                                        ByteView payload, MutableBytes out) {
  DirectionKey key;
  static_cast<SealingKey&>(key) = up;
  return write_envelope(crypto, key, header, context, payload, out);
}

}  // namespace

bool DeviceSession::open(const Crypto& crypto, const Agreement& agreement) {
  close();
  DirectionKey up;
  if (!derive(crypto, agreement.sk, Direction::up, up) ||
      !derive(crypto, agreement.sk, Direction::down, down_) || !up_mac_.prepare(up.mac)) {
    return false;
  }
  up_ = static_cast<const SealingKey&>(up);
  sk_ = agreement.sk;
  kid_ = agreement.kid;
  return true;
}

void DeviceSession::close() {
  up_mac_.forget();
  renew(up_);
  renew(down_);
  renew(sk_);
  sent_.clear();
  ring_ = {};
  window_ = ReplayWindow{ring_};
  n_ = 0;
  kid_ = 0;
}

Result<ByteView> DeviceSession::sign(const Crypto& crypto, const Order& order, MutableBytes out) {
  if (!is_open()) {
    return Refusal::unknown_kid;
  }
  const Header header{.flags = order.flags, .kid = kid_, .seq = order.seq, .card_counter = 0};
  if (header.short_tag() || !sent_.may_sign(order.seq)) {
    return header.short_tag() ? Refusal::malformed : Refusal::replayed;
  }
  const MessageContext context{.topic = bytes_of(order.topic), .props = {}};
  const auto written = header.sealed() ? seal(crypto, up_, header, context, order.payload, out)
                                       : write_signed(up_mac_, header, context, order.payload, out);
  if (!written) {
    return written;
  }
  if (!sent_.take(order.seq, written->last(kTagBytes))) {
    wipe(out.first(written->size()));
    return Refusal::replayed;
  }
  return written;
}

Result<Opened> DeviceSession::open_down(const Crypto& crypto, std::string_view topic, ByteView wire,
                                        MutableBytes room) {
  const auto claim = parse_envelope(wire);
  if (!claim || claim->header.on_card()) {
    return claim ? Refusal::malformed : claim.why();
  }
  if (!is_open() || claim->header.kid != kid_) {
    return Refusal::unknown_kid;
  }
  if (claim->body.size() > room.size()) {
    return Refusal::too_large;
  }
  const MutableBytes plain = room.first(claim->body.size());
  const MessageContext context{.topic = bytes_of(topic), .props = {}};
  Refusal why = Refusal::none;
  if (claim->header.sealed()) {
    why = open_envelope(crypto, down_, *claim, context, plain);
  } else {
    copy(claim->body, plain);
    why = verify(HeldKey{crypto, down_.mac}, *claim, context);
  }
  // nothing above this line changes state; a short tag never does
  if (why == Refusal::none) {
    why = claim->header.short_tag() ? Refusal::denied : window_.spend(claim->header.seq);
  }
  if (why != Refusal::none) {
    wipe(plain);
    return why;
  }
  return Opened{.payload = plain, .sealed = claim->header.sealed()};
}

std::string_view DeviceSession::resume(const Crypto& crypto, std::string_view client_id,
                                       std::span<char> out) {
  return is_open() ? write_resume_proof(crypto, sk_, kid_, ++n_, client_id, out)
                   : std::string_view{};
}

}  // namespace countersign::mcu
