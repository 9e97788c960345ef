#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "countersign/aplus.hpp"
#include "countersign/command.hpp"

/// What the two sides of a part with TrustZone have in common: the one function through which the
/// non-secure side asks the secure one. Both sides come from one build: nothing here leaves the
/// part.
namespace countersign::mcu {

enum class Service : std::uint32_t {
  refresh = 0,   ///< nothing but the state
  settings,      ///< what provisioning said, without secrets → out
  random,        ///< → out, filled wholly
  hash,          ///< SHA-256 of in → out
  begin,         ///< → out
  take,          ///< in → out, step
  give_up,       ///<
  answer_again,  ///< → out
  settle,        ///<
  sign,          ///< number, flags, text: topic, in: payload → out
  open_down,     ///< text: topic, in: envelope → out, flag: sealed
  resume,        ///< text: client id → out
  next_reading,  ///< → number
  next_control,  ///< number: least → number
  rekey,         ///< → out
  rekeyed,       ///< in
  challenge,     ///< now → out
  command,       ///< in, now → taken
  command_own,   ///< taken.challenge, in, now → taken
  respond,       ///< taken, text: response → out
};

inline constexpr std::size_t kMaxPassedIn = 512;
inline constexpr std::size_t kMaxPassedText = 256;
inline constexpr std::size_t kMaxPassedOut = 256;
/// How far ahead a number may be asked for: numbers are not to be used up at once.
inline constexpr std::uint32_t kMaxAhead = 1U << 16;

struct GateRequest {
  Service service = Service::refresh;
  std::uint32_t number = 0;
  std::uint32_t flags = 0;
  const std::byte* in = nullptr;
  std::uint32_t in_size = 0;
  const char* text = nullptr;
  std::uint32_t text_size = 0;
  std::byte* out = nullptr;
  std::uint32_t out_size = 0;
  Millis now = 0;
  TakenCommand taken{};
};

/// Of the vault, with every answer.
struct GateState {
  std::uint32_t upcoming = 0;
  std::uint32_t resume_n = 0;
  std::uint16_t kid = 0;
  std::uint16_t old_kid = 0;
  std::uint16_t answered = 0;
  std::uint16_t rekeying = 0;
};

struct GateReply {
  std::uint64_t receipt_bitmap = 0;  ///< take
  std::uint32_t receipt_edge = 0;
  std::uint16_t receipt_kid = 0;
  std::uint16_t flag = 0;  ///< take: finished; open_down: sealed
  std::uint32_t size = 0;  ///< of what was written to `out`
  std::uint32_t number = 0;
  TakenCommand taken{};
  GateState state{};
};

static_assert(std::is_trivially_copyable_v<GateRequest>);
// no gap between members tells the other side what was in secure memory before
static_assert(std::has_unique_object_representations_v<GateReply>);

/// \returns a `Refusal` as a number: `denied` for memory that is not the caller's, or while another
/// call is under way; `reply` is then untouched.
extern "C" std::uint32_t countersign_gate(const GateRequest* request, GateReply* reply);

}  // namespace countersign::mcu
