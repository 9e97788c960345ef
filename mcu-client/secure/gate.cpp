#include "secure/gate.hpp"

#include <arm_cmse.h>

#include <array>

#include "secure/gate_keeper.hpp"

// Compiled without link-time optimisation, which loses the entry of a gate.

namespace countersign::mcu {
namespace {

constinit GateDesk* desk = nullptr;
constinit volatile bool busy = false;
// what is worked on is never in the other side's memory: it could change under our hands
constinit Bytes<kMaxPassedIn> in{};
constinit std::array<char, kMaxPassedText> text{};
constinit Bytes<kMaxPassedOut> out{};

/// True if all of it is the other side's, to read or to write.
bool is_theirs(const void* at, std::size_t size, int access) {
  return size == 0 || cmse_check_address_range(const_cast<void*>(at), size,  // NOLINT
                                               CMSE_NONSECURE | access) != nullptr;
}

bool are_theirs(const GateRequest& request) {
  return is_theirs(request.in, request.in_size, CMSE_MPU_READ) &&
         is_theirs(request.text, request.text_size, CMSE_MPU_READ) &&
         is_theirs(request.out, request.out_size, CMSE_MPU_READWRITE);
}

template <class T>
void copy_bytes(const T* from, std::size_t size, T* to) {
  for (std::size_t i = 0; i < size; ++i) {
    to[i] = from[i];
  }
}

/// What is only copied to the other side and never read again may be written there at once.
bool is_only_copied(Service service) { return service == Service::settings; }

Refusal pass(const GateRequest& request, GateReply& reply) {
  if (request.in_size > in.size() || request.text_size > text.size()) {
    return Refusal::too_large;
  }
  if (!are_theirs(request)) {
    return Refusal::denied;
  }
  copy_bytes(request.in, request.in_size, in.data());
  copy_bytes(request.text, request.text_size, text.data());
  const bool at_once = is_only_copied(request.service);
  const std::size_t room = request.out_size < out.size() ? request.out_size : out.size();
  const GateDesk::Passed passed{
      .in = ByteView{in}.first(request.in_size),
      .text = {text.data(), request.text_size},
      .out = at_once ? MutableBytes{request.out, request.out_size} : MutableBytes{out}.first(room)};
  const Refusal why = desk->serve(request, passed, reply);
  if (why == Refusal::none && !at_once) {
    if (reply.size > room) {
      return Refusal::internal;
    }
    copy_bytes(out.data(), reply.size, request.out);
  }
  return why;
}

}  // namespace

void open_gate(GateDesk& to) { desk = &to; }

extern "C" [[gnu::cmse_nonsecure_entry]] std::uint32_t countersign_gate(const GateRequest* request,
                                                                        GateReply* reply) {
  // an interrupt of the other side may come in here, and ask again
  if (busy || !is_theirs(request, sizeof *request, CMSE_MPU_READ) ||
      !is_theirs(reply, sizeof *reply, CMSE_MPU_READWRITE)) {
    return static_cast<std::uint32_t>(Refusal::denied);
  }
  busy = true;
  GateRequest own;
  copy_bytes(reinterpret_cast<const std::byte*>(request), sizeof own,
             reinterpret_cast<std::byte*>(&own));
  GateReply answer;
  const Refusal why = pass(own, answer);
  answer.state = desk->state();
  copy_bytes(reinterpret_cast<const std::byte*>(&answer), sizeof answer,
             reinterpret_cast<std::byte*>(reply));
  busy = false;
  return static_cast<std::uint32_t>(why);
}

}  // namespace countersign::mcu
