#pragma once

#include <concepts>
#include <span>
#include <string_view>

#include "vault/vault.hpp"

namespace countersign::mcu {

/// All that a device needs of its keys: `Vault`, or on a part with TrustZone what stands for it on
/// the other side. Each function does what `Vault` says of it.
template <class S>
concept Signer = requires(S& keys, const S& seen, ByteView in, MutableBytes out, Digest& digest,
                          std::span<char> text, const Order& order, const Will& will) {
  { keys.begin(out) } -> std::same_as<Result<std::size_t>>;
  { keys.take(in, out) } -> std::same_as<Result<HandshakeStep>>;
  { seen.answered() } -> std::same_as<bool>;
  { seen.answer_again(out) } -> std::same_as<Result<std::size_t>>;
  keys.give_up();
  { seen.has_session() } -> std::same_as<bool>;
  { seen.kid() } -> std::same_as<std::uint16_t>;
  { seen.old_kid() } -> std::same_as<std::uint16_t>;
  { keys.settle() } -> std::same_as<bool>;
  { keys.sign(order, out) } -> std::same_as<Result<ByteView>>;
  { keys.open_down(std::string_view{}, in, out) } -> std::same_as<Result<Opened>>;
  { keys.resume(std::string_view{}, text) } -> std::same_as<std::string_view>;
  { seen.resume_n() } -> std::same_as<std::uint32_t>;
  { seen.digest_will(will, digest) } -> std::same_as<bool>;
  { keys.next_reading() } -> std::same_as<Result<std::uint32_t>>;
  { keys.next_control(std::uint32_t{}) } -> std::same_as<Result<std::uint32_t>>;
  { seen.upcoming() } -> std::same_as<std::uint32_t>;
  { keys.rekey(out) } -> std::same_as<Result<std::size_t>>;
  { keys.rekeyed(in) } -> std::same_as<Refusal>;
  { seen.is_rekeying() } -> std::same_as<bool>;
  { keys.challenge(Millis{}) } -> std::same_as<Result<CommandChallenge>>;
  { keys.take_command(in, Millis{}) } -> std::same_as<Result<TakenCommand>>;
  { keys.take_command(CommandChallenge{}, in, Millis{}) } -> std::same_as<Result<TakenCommand>>;
  { seen.respond(TakenCommand{}, std::string_view{}) } -> std::same_as<Result<Tag>>;
  { seen.profile() } -> std::same_as<const Profile&>;
};

}  // namespace countersign::mcu
