#include "countersign/command_steps.hpp"

namespace countersign {

Result<ByteView> CommandInitiator::command(const Crypto& crypto, Random& random,
                                           const CommandKey& key, ByteView challenge,
                                           std::string_view command) {
  if (challenge.size() != kCommandChallengeBytes) {
    return Refusal::malformed;
  }
  CommandNonce nonce;
  Tag tag;
  if (made_ || !commands::is_command(command) || !random.fill(nonce) ||
      !commands::command_tag(crypto, key.command, {challenge, nonce}, command, tag)) {
    return Refusal::internal;
  }
  Writer out{message_};
  out.raw(nonce).raw(tag);
  copy(challenge, challenge_);
  response_key_ = key.response;
  command_ = command;
  made_ = true;
  return ByteView{message_};
}

Result<std::size_t> CommandInitiator::recognise(const Crypto& crypto, ByteView message,
                                                std::span<const std::string_view> responses) const {
  if (!made_ || message.size() != kResponseMessageBytes) {
    return made_ ? Refusal::malformed : Refusal::internal;
  }
  const commands::Exchange exchange{challenge_, ByteView{message_}.first(kCommandNonceBytes)};
  std::size_t found = commands::kNothing;
  std::size_t place = commands::kNothing;
  for (const std::string_view response : responses) {
    Tag expected;
    if (response.size() > kMaxCommandBytes ||
        !commands::response_tag(crypto, response_key_, exchange, command_, response, expected)) {
      return Refusal::internal;
    }
    commands::note_if_same(expected, message, ++place, found);
  }
  if (found == commands::kNothing) {
    return Refusal::bad_tag;
  }
  return found - 1;
}

}  // namespace countersign
