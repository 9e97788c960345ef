/// What the non-secure side of a device asks of the secure one, in any order.
///   1     bit 0: there is a session
///   then requests: 1 service · 4 number · 1 flags · 1 room · 1 seconds since the last one, from
///   252 on a time that is none or that lies far off
///   1 index of a commander · 1 of a command · 1+n text · 1+n bytes

#include <algorithm>
#include <array>
#include <limits>
#include <map>

#include "fuzz/input.hpp"
#include "secure/gate_desk.hpp"
#include "unit/mcu/plain_vault.hpp"

namespace countersign::fuzz {
namespace {

using mcu::GateReply;
using mcu::GateRequest;
using mcu::Service;

constexpr std::uint32_t kServices = static_cast<std::uint32_t>(Service::respond) + 2;

/// A secure side, and what it has given away.
class Side {
 public:
  [[nodiscard]] bool log_in() {
    GateReply reply;
    if (ask(Service::begin, {}, reply) != Refusal::none) {
      return false;
    }
    const test::Octets m1 = test::octets(ByteView{room_}.first(reply.size));
    const auto first = parse_first(m1);
    AplusResponder server;
    if (!first || server.open(crypto(), plain_.k, *first) != Refusal::none) {
      return false;
    }
    const auto m2 = server.answer(crypto(), plain_.random, {}, 7);
    if (!m2 || ask(Service::take, *m2, reply) != Refusal::none ||
        server.accept(crypto(), ByteView{room_}.first(reply.size)) != Refusal::none) {
      return false;
    }
    sk_ = server.agreement().sk;
    const auto finished = server.finish(crypto(), {});
    return finished && ask(Service::take, *finished, reply) == Refusal::none && reply.flag == 1;
  }

  void ask(Input& in) {
    GateRequest request;
    request.service = static_cast<Service>(in.byte() % kServices);
    request.number = in.number();
    request.flags = in.byte();
    const MutableBytes out = MutableBytes{room_}.first(in.byte());
    request.now = time(in.byte());
    request.taken.commander = in.byte();
    request.taken.command = in.byte();
    const std::string_view text = in.text();
    const ByteView bytes = in.field();
    knows_ = knows_ || holds(bytes, plain_.k) || holds(bytes, sk_);
    GateReply reply;
    const Refusal why = desk_.serve(request, {.in = bytes, .text = text, .out = out}, reply);
    if (why == Refusal::none) {
      require(reply.size <= out.size());
      given(request, text, out.first(reply.size), reply);
    }
    require(knows_ || (!holds(room_, plain_.k) && !holds(room_, sk_)));
  }

 private:
  static const Crypto& crypto() { return test::plain_crypto(); }

  [[nodiscard]] Millis time(std::uint8_t told) {
    constexpr std::array kFar{std::numeric_limits<Millis>::min(), Millis{-1}, (Millis{1} << 62) - 1,
                              std::numeric_limits<Millis>::max()};
    if (told >= 256 - kFar.size()) {
      return kFar[255U - told];
    }
    now_ += Millis{told} * 1'000;
    return now_;
  }

  [[nodiscard]] Refusal ask(Service service, ByteView in, GateReply& reply) {
    GateRequest request;
    request.service = service;
    return desk_.serve(request, {.in = in, .text = {}, .out = room_}, reply);
  }

  void given(const GateRequest& request, std::string_view topic, ByteView out,
             const GateReply& reply) {
    if (request.service == Service::next_reading || request.service == Service::next_control) {
      require(reply.number > greatest_);
      greatest_ = reply.number;
    }
    if (request.service == Service::sign) {
      // a number has one message, ever
      test::Octets wire = test::octets(bytes_of(topic));
      wire.insert(wire.end(), out.begin(), out.end());
      const auto [first, fresh] = signed_.try_emplace(request.number, wire);
      require(fresh || first->second == wire);
    }
  }

  [[nodiscard]] static bool holds(ByteView bytes, const Key32& key) {
    const auto secret = key.bytes();
    return std::search(bytes.begin(), bytes.end(), secret.begin(), secret.end()) != bytes.end();
  }

  test::PlainVault plain_{{.identity = "mote-1",
                           .server_id = "plant",
                           .suite = Suite::symmetric,
                           .method = mcu::Method::aplus,
                           .password = {},
                           .fields = {}}};
  Key32 sk_ = plain_.k;  // none yet
  Bytes<40> settings_{std::byte{1},   std::byte{6},   std::byte{'m'}, std::byte{'o'},
                      std::byte{'t'}, std::byte{'e'}, std::byte{'-'}, std::byte{'1'}};
  mcu::GateDesk desk_{{plain_.vault, crypto(), plain_.random, settings_}};
  Bytes<256> room_{};
  Millis now_ = 0;
  bool knows_ = false;  // a key that is in a request proves nothing in an answer
  std::uint32_t greatest_ = 0;
  std::map<std::uint32_t, test::Octets> signed_;
};

}  // namespace

void run(Input in) {
  Side side;
  if ((in.byte() & 1U) != 0) {
    require(side.log_in());
  }
  while (!in.done()) {
    side.ask(in);
  }
}

}  // namespace countersign::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  countersign::fuzz::run({data, size});
  return 0;
}
