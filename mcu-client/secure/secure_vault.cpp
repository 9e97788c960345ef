#include "secure/secure_vault.hpp"

namespace countersign::mcu {
namespace {

GateRequest request_for(Service service, ByteView in, MutableBytes out) {
  GateRequest request;
  request.service = service;
  request.in = in.data();
  request.in_size = static_cast<std::uint32_t>(in.size());
  request.out = out.data();
  request.out_size = static_cast<std::uint32_t>(out.size());
  return request;
}

GateRequest request_for(Service service, std::string_view text, ByteView in, MutableBytes out) {
  GateRequest request = request_for(service, in, out);
  request.text = text.data();
  request.text_size = static_cast<std::uint32_t>(text.size());
  return request;
}

Refusal ask_gate(const GateRequest& request, GateReply& reply) {
  return static_cast<Refusal>(countersign_gate(&request, &reply));
}

/// SHA-256 at the gate, and nothing else: all that a will's digest asks of a backend.
class GateHash final : public Crypto {
 public:
  [[nodiscard]] bool sha256(Parts parts, Digest& out) const override {
    Bytes<kMaxPassedIn> joined;
    Writer writer{joined};
    for (const ByteView part : parts) {
      writer.raw(part);
    }
    GateReply reply;
    return writer.ok() &&
           ask_gate(request_for(Service::hash, writer.written(), out), reply) == Refusal::none;
  }
  [[nodiscard]] bool hmac(ByteView /*key*/, Parts /*parts*/, Digest& /*out*/) const override {
    return false;
  }
  [[nodiscard]] bool seal(const Key16& /*key*/, const Nonce& /*nonce*/, Parts /*aad*/,
                          ByteView /*plain*/, MutableBytes /*body*/,
                          std::span<std::byte, kAeadTagBytes> /*tag*/) const override {
    return false;
  }
  [[nodiscard]] bool open(const Key16& /*key*/, const Nonce& /*nonce*/, Parts /*aad*/,
                          ByteView /*body*/, ByteView /*tag*/,
                          MutableBytes /*plain*/) const override {
    return false;
  }
  [[nodiscard]] bool dh_public(const Key32& /*secret*/, Point& /*out*/) const override {
    return false;
  }
  [[nodiscard]] bool dh_shared(const Key32& /*secret*/, const Point& /*peer*/,
                               Key32& /*out*/) const override {
    return false;
  }
};

}  // namespace

SecureVault::SecureVault(const Profile& profile) : profile_{profile} {
  // a gate that is shut leaves the state as it is: no session
  static_cast<void>(ask({}));
}

Refusal SecureVault::ask(const GateRequest& request) {
  reply_ = {};
  reply_.state = state_;
  const Refusal why = ask_gate(request, reply_);
  state_ = reply_.state;
  return why;
}

Result<std::size_t> SecureVault::ask_size(const GateRequest& request) {
  const Refusal why = ask(request);
  return why == Refusal::none ? Result<std::size_t>{std::size_t{reply_.size}} : why;
}

Result<std::uint32_t> SecureVault::ask_number(const GateRequest& request) {
  const Refusal why = ask(request);
  return why == Refusal::none ? Result<std::uint32_t>{reply_.number} : why;
}

Result<std::size_t> SecureVault::begin(MutableBytes out) {
  return ask_size(request_for(Service::begin, {}, out));
}

Result<HandshakeStep> SecureVault::take(ByteView message, MutableBytes out) {
  const Refusal why = ask(request_for(Service::take, message, out));
  if (why != Refusal::none) {
    return why;
  }
  return HandshakeStep{
      .answer_bytes = reply_.size,
      .finished = reply_.flag != 0,
      .receipt = {.kid = reply_.receipt_kid,
                  .accepted = {.edge = reply_.receipt_edge, .bitmap = reply_.receipt_bitmap}}};
}

void SecureVault::give_up() { static_cast<void>(ask({.service = Service::give_up})); }

Result<std::size_t> SecureVault::answer_again(MutableBytes out) const {
  GateReply reply;
  const Refusal why = ask_gate(request_for(Service::answer_again, {}, out), reply);
  return why == Refusal::none ? Result<std::size_t>{std::size_t{reply.size}} : why;
}

bool SecureVault::settle() { return ask({.service = Service::settle}) == Refusal::none; }

Result<ByteView> SecureVault::sign(const Order& order, MutableBytes out) {
  GateRequest request = request_for(Service::sign, order.topic, order.payload, out);
  request.number = order.seq;
  request.flags = order.flags;
  const auto size = ask_size(request);
  return size ? Result<ByteView>{ByteView{out}.first(*size)} : size.why();
}

Result<Opened> SecureVault::open_down(std::string_view topic, ByteView wire, MutableBytes room) {
  const auto size = ask_size(request_for(Service::open_down, topic, wire, room));
  return size ? Result<Opened>{{.payload = ByteView{room}.first(*size), .sealed = reply_.flag != 0}}
              : size.why();
}

std::string_view SecureVault::resume(std::string_view client_id, std::span<char> out) {
  const auto size =
      ask_size(request_for(Service::resume, client_id, {}, std::as_writable_bytes(out)));
  return size ? std::string_view{out.data(), *size} : std::string_view{};
}

bool SecureVault::digest_will(const Will& will, Digest& out) const {
  return will_digest(GateHash{}, will, out);
}

Result<std::uint32_t> SecureVault::next_reading() {
  return ask_number({.service = Service::next_reading});
}

Result<std::uint32_t> SecureVault::next_control(std::uint32_t least) {
  return ask_number({.service = Service::next_control, .number = least});
}

Result<std::size_t> SecureVault::rekey(MutableBytes out) {
  return ask_size(request_for(Service::rekey, {}, out));
}

Refusal SecureVault::rekeyed(ByteView message) {
  return ask(request_for(Service::rekeyed, message, {}));
}

Result<CommandChallenge> SecureVault::challenge(Millis now) {
  CommandChallenge made{};
  GateRequest request = request_for(Service::challenge, {}, made);
  request.now = now;
  const Refusal why = ask(request);
  return why == Refusal::none ? Result<CommandChallenge>{made} : why;
}

Result<TakenCommand> SecureVault::take_command(ByteView message, Millis now) {
  GateRequest request = request_for(Service::command, message, {});
  request.now = now;
  const Refusal why = ask(request);
  return why == Refusal::none ? Result<TakenCommand>{reply_.taken} : why;
}

Result<TakenCommand> SecureVault::take_command(const CommandChallenge& own, ByteView message,
                                               Millis now) {
  GateRequest request = request_for(Service::command_own, message, {});
  request.now = now;
  request.taken.challenge = own;
  const Refusal why = ask(request);
  return why == Refusal::none ? Result<TakenCommand>{reply_.taken} : why;
}

Result<Tag> SecureVault::respond(const TakenCommand& taken, std::string_view response) const {
  Tag made{};
  GateRequest request = request_for(Service::respond, response, {}, made);
  request.taken = taken;
  GateReply reply;
  const Refusal why = ask_gate(request, reply);
  return why == Refusal::none ? Result<Tag>{made} : why;
}

bool SecureRandom::fill(MutableBytes out) {
  while (!out.empty()) {
    const MutableBytes some = out.first(out.size() < kMaxPassedOut ? out.size() : kMaxPassedOut);
    GateReply reply;
    if (ask_gate(request_for(Service::random, {}, some), reply) != Refusal::none) {
      return false;
    }
    out = out.subspan(some.size());
  }
  return true;
}

std::size_t fetch_settings(MutableBytes out) {
  GateReply reply;
  return ask_gate(request_for(Service::settings, {}, out), reply) == Refusal::none ? reply.size : 0;
}

}  // namespace countersign::mcu
