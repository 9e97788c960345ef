/// Commands and responses, at the side that receives each.
///   1     bit 0: at the commander, bit 1: the challenge is of one connection alone, bit 2: tagged
///         rightly after all, with the key of panel 1 (at the commander: of the device)
///   1     how many challenges are open
///   1+n   a command (bit 2), at the commander a response
///   …     the message

#include "fuzz/input.hpp"
#include "unit/protocol/command_scene.hpp"

namespace countersign::fuzz {
namespace {

const openssl::OpenSslCrypto& crypto() {
  static const openssl::OpenSslCrypto kCrypto;
  return kCrypto;
}

bool is_listed(std::string_view text, std::span<const std::string_view> list) {
  bool listed = false;
  for (const std::string_view one : list) {
    listed = listed || one == text;
  }
  return listed;
}

/// What was taken is answered, and is not taken again.
void taken_once(test::CommandScene& scene, const TakenCommand& taken, ByteView message) {
  require(taken.commander < scene.commanders.size() && taken.command < test::kCommandList.size());
  require(static_cast<bool>(scene.device.respond(crypto(), taken, "done")));
  const Refusal again = scene.device.take(crypto(), message, 0).why();
  require(again == Refusal::replayed || again == Refusal::stale || again == Refusal::bad_tag);
}

void device_takes(std::uint8_t how, Input in) {
  test::CommandScene scene{crypto()};
  CommandChallenge last{};
  const std::size_t open = in.byte() % (kOpenChallenges + 2U);
  for (std::size_t i = 0; i < open; ++i) {
    last = scene.wake();
  }
  const std::string_view command = in.text();
  test::Octets message = test::octets(in.rest());
  const bool right = (how & 4U) != 0;
  if (right) {
    message = scene.message(0, last, command);
  }
  const bool own = (how & 2U) != 0;
  const auto taken =
      own ? scene.device.take(crypto(), last, message, 0) : scene.device.take(crypto(), message, 0);
  // nobody guesses 128 bits
  require(static_cast<bool>(taken) ==
          (right && open != 0 && is_listed(command, test::kCommandList)));
  if (taken) {
    taken_once(scene, *taken, message);
  }
}

void commander_hears(std::uint8_t how, Input in) {
  test::CommandScene scene{crypto()};
  in.byte();
  const std::string_view response = in.text();
  CommandInitiator side;
  const auto sent = side.command(crypto(), scene.random, scene.keys[0], scene.wake(), "open");
  const auto taken = scene.device.take(crypto(), *sent, 0);
  require(static_cast<bool>(taken));
  const auto answer = scene.device.respond(crypto(), *taken, response);
  require(static_cast<bool>(answer));
  const bool right = (how & 4U) != 0;
  const ByteView rest = in.rest();
  const auto which =
      side.recognise(crypto(), right ? ByteView{*answer} : rest, test::kResponseList);
  require(static_cast<bool>(which) == (right && is_listed(response, test::kResponseList)));
  require(which || right || (which.why() == Refusal::malformed) == (rest.size() != kTagBytes));
}

}  // namespace

void run(Input in) {
  const std::uint8_t how = in.byte();
  if ((how & 1U) != 0) {
    commander_hears(how, in);
    return;
  }
  device_takes(how, in);
}

}  // namespace countersign::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  countersign::fuzz::run({data, size});
  return 0;
}
