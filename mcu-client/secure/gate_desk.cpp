#include "secure/gate_desk.hpp"

#include "flash/provisioning.hpp"

namespace countersign::mcu {
namespace {

Refusal give(GateReply& reply, const Result<std::size_t>& size) {
  reply.size = size ? static_cast<std::uint32_t>(*size) : 0;
  return size.why();
}

Refusal give(GateReply& reply, const Result<std::uint32_t>& number) {
  reply.number = number ? *number : 0;
  return number.why();
}

Refusal give(GateReply& reply, const Result<HandshakeStep>& step) {
  if (step) {
    reply.size = static_cast<std::uint32_t>(step->answer_bytes);
    reply.flag = step->finished ? 1 : 0;
    reply.receipt_kid = step->receipt.kid;
    reply.receipt_edge = step->receipt.accepted.edge;
    reply.receipt_bitmap = step->receipt.accepted.bitmap;
  }
  return step.why();
}

Refusal give(GateReply& reply, const Result<TakenCommand>& taken) {
  if (taken) {
    reply.taken = *taken;
  }
  return taken.why();
}

/// 16 bytes: a challenge or a response.
Refusal give(GateReply& reply, const Result<Bytes<16>>& bytes, MutableBytes out) {
  if (!bytes || out.size() < bytes->size()) {
    return bytes ? Refusal::too_large : bytes.why();
  }
  copy(*bytes, out);
  reply.size = static_cast<std::uint32_t>(bytes->size());
  return Refusal::none;
}

/// So far beyond any life that no difference of two times overflows.
constexpr Millis kTimeEnds = Millis{1} << 62;

Refusal done_if(bool done) { return done ? Refusal::none : Refusal::internal; }

}  // namespace

GateState GateDesk::state() const {
  const Vault& vault = parts_.vault;
  return {.upcoming = vault.upcoming(),
          .resume_n = vault.resume_n(),
          .kid = vault.kid(),
          .old_kid = vault.old_kid(),
          .answered = static_cast<std::uint16_t>(vault.answered() ? 1 : 0),
          .rekeying = static_cast<std::uint16_t>(vault.is_rekeying() ? 1 : 0)};
}

Refusal GateDesk::serve(const GateRequest& request, const Passed& passed, GateReply& reply) {
  switch (request.service) {
    case Service::refresh:
      return Refusal::none;
    case Service::settings: {
      Writer out{passed.out};
      write_open_settings(parts_.settings, out);
      reply.size = static_cast<std::uint32_t>(out.written().size());
      return out.ok() ? Refusal::none : Refusal::too_large;
    }
    case Service::random:
      reply.size = static_cast<std::uint32_t>(passed.out.size());
      return done_if(parts_.random.fill(passed.out));
    case Service::hash:
      return hash(passed, reply);
    case Service::begin:
    case Service::take:
    case Service::give_up:
    case Service::answer_again:
    case Service::settle:
    case Service::rekey:
    case Service::rekeyed:
      return login(request, passed, reply);
    case Service::sign:
    case Service::open_down:
    case Service::resume:
      return message(request, passed, reply);
    case Service::next_reading:
    case Service::next_control:
      return number(request, reply);
    case Service::challenge:
    case Service::command:
    case Service::command_own:
    case Service::respond:
      return command(request, passed, reply);
  }
  return Refusal::malformed;
}

Refusal GateDesk::login(const GateRequest& request, const Passed& passed, GateReply& reply) {
  Vault& vault = parts_.vault;
  switch (request.service) {
    case Service::begin:
      return give(reply, vault.begin(passed.out));
    case Service::take:
      return give(reply, vault.take(passed.in, passed.out));
    case Service::answer_again:
      return give(reply, vault.answer_again(passed.out));
    case Service::settle:
      return done_if(vault.settle());
    case Service::rekey:
      return give(reply, vault.rekey(passed.out));
    case Service::rekeyed:
      return vault.rekeyed(passed.in);
    default:
      vault.give_up();
      return Refusal::none;
  }
}

Refusal GateDesk::message(const GateRequest& request, const Passed& passed, GateReply& reply) {
  Vault& vault = parts_.vault;
  if (request.service == Service::sign) {
    const auto wire = vault.sign({.seq = request.number,
                                  .flags = static_cast<std::uint8_t>(request.flags),
                                  .topic = passed.text,
                                  .payload = passed.in},
                                 passed.out);
    reply.size = wire ? static_cast<std::uint32_t>(wire->size()) : 0;
    return wire.why();
  }
  if (request.service == Service::open_down) {
    const auto opened = vault.open_down(passed.text, passed.in, passed.out);
    reply.size = opened ? static_cast<std::uint32_t>(opened->payload.size()) : 0;
    reply.flag = opened && opened->sealed ? 1 : 0;
    return opened.why();
  }
  const auto proof =
      vault.resume(passed.text, {reinterpret_cast<char*>(passed.out.data()), passed.out.size()});
  reply.size = static_cast<std::uint32_t>(proof.size());
  return done_if(!proof.empty());
}

Refusal GateDesk::number(const GateRequest& request, GateReply& reply) {
  Vault& vault = parts_.vault;
  if (request.service == Service::next_reading) {
    return give(reply, vault.next_reading());
  }
  const std::uint32_t next = vault.upcoming();
  const bool far = request.number > next && request.number - next > kMaxAhead;
  return far ? Refusal::out_of_range : give(reply, vault.next_control(request.number));
}

/// Time does not go back: what was too late once stays so.
/// \returns false for what is no time since a start.
bool GateDesk::take_time(Millis told) {
  if (told < 0 || told >= kTimeEnds) {
    return false;
  }
  now_ = told > now_ ? told : now_;
  return true;
}

Refusal GateDesk::command(const GateRequest& request, const Passed& passed, GateReply& reply) {
  Vault& vault = parts_.vault;
  if (request.service == Service::respond) {
    return give(reply, vault.respond(request.taken, passed.text), passed.out);
  }
  if (!take_time(request.now)) {
    return Refusal::out_of_range;
  }
  switch (request.service) {
    case Service::challenge:
      return give(reply, vault.challenge(now_), passed.out);
    case Service::command:
      return give(reply, vault.take_command(passed.in, now_));
    default:
      return give(reply, vault.take_command(request.taken.challenge, passed.in, now_));
  }
}

Refusal GateDesk::hash(const Passed& passed, GateReply& reply) const {
  const std::array<ByteView, 1> parts{passed.in};
  Digest digest{};
  if (passed.out.size() < digest.size() || !parts_.crypto.sha256(parts, digest)) {
    return Refusal::internal;
  }
  copy(digest, passed.out);
  reply.size = static_cast<std::uint32_t>(digest.size());
  return Refusal::none;
}

}  // namespace countersign::mcu
