#include "countersign/command_steps.hpp"

namespace countersign {
namespace {

bool are_usable(std::span<const Commander> commanders, std::span<const std::string_view> commands) {
  for (const Commander& commander : commanders) {
    if (commander.key == nullptr) {
      return false;
    }
  }
  for (const std::string_view command : commands) {
    if (!commands::is_command(command)) {
      return false;
    }
  }
  return commanders.size() <= kMaxCommanders;
}

}  // namespace

CommandResponder::CommandResponder(std::span<const Commander> commanders,
                                   std::span<const std::string_view> commands)
    : commanders_{commanders}, commands_{commands}, usable_{are_usable(commanders, commands)} {}

Result<CommandChallenge> CommandResponder::challenge(Random& random, Millis now) {
  Slot made{.made = now, .open = true};
  if (!usable_ || !random.fill(made.challenge)) {
    return Refusal::internal;
  }
  slots_[next_] = made;
  next_ = (next_ + 1) % slots_.size();
  return made.challenge;
}

Result<TakenCommand> CommandResponder::take(const Crypto& crypto, ByteView message, Millis now) {
  if (!usable_ || message.size() != kCommandMessageBytes) {
    return usable_ ? Refusal::malformed : Refusal::internal;
  }
  std::size_t found = commands::kNothing;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (is_live(slots_[i], now) && !search(crypto, i, message, found)) {
      return Refusal::internal;
    }
  }
  // whether one was right is public from here on
  if (found == commands::kNothing) {
    return spend_oldest(now);
  }
  return accept(found, message);
}

Result<TakenCommand> CommandResponder::take(const Crypto& crypto, const CommandChallenge& own,
                                            ByteView message, Millis now) {
  const Slot* const slot = find(own, now);
  if (!usable_ || slot == nullptr) {
    return usable_ ? Refusal::stale : Refusal::internal;
  }
  close(own);
  if (message.size() != kCommandMessageBytes) {
    return Refusal::malformed;
  }
  std::size_t found = commands::kNothing;
  if (!search(crypto, static_cast<std::size_t>(slot - slots_.data()), message, found)) {
    return Refusal::internal;
  }
  return found == commands::kNothing ? Result<TakenCommand>{Refusal::bad_tag}
                                     : accept(found, message);
}

/// Sets `found` to 1 + the place of what made `message` for this slot, if anything did. A place is
/// slot, commander and command in one number.
bool CommandResponder::search(const Crypto& crypto, std::size_t slot, ByteView message,
                              std::size_t& found) const {
  Reader in{message};
  const commands::Exchange exchange{slots_[slot].challenge, in.take(kCommandNonceBytes)};
  const std::size_t before = slot * commanders_.size() * commands_.size();
  return commands::try_all(crypto, commanders_, commands_, exchange, in.rest(), before, found);
}

Result<TakenCommand> CommandResponder::accept(std::size_t found, ByteView message) {
  const std::size_t pair = (found - 1) / commands_.size();
  Slot& slot = slots_[pair / commanders_.size()];
  TakenCommand taken{.commander = pair % commanders_.size(),
                     .command = (found - 1) % commands_.size(),
                     .challenge = slot.challenge};
  copy(message.first(kCommandNonceBytes), taken.nonce);
  const std::uint32_t bit = 1U << taken.commander;
  if ((slot.spent_by & bit) != 0) {
    return Refusal::replayed;
  }
  slot.spent_by |= bit;
  return taken;
}

Result<Tag> CommandResponder::respond(const Crypto& crypto, const TakenCommand& taken,
                                      std::string_view response) const {
  Tag tag;
  if (!usable_ || taken.commander >= commanders_.size() || taken.command >= commands_.size() ||
      response.size() > kMaxCommandBytes ||
      !commands::response_tag(crypto, commanders_[taken.commander].key->response,
                              {taken.challenge, taken.nonce}, commands_[taken.command], response,
                              tag)) {
    return Refusal::internal;
  }
  return tag;
}

void CommandResponder::close(const CommandChallenge& own) {
  for (Slot& slot : slots_) {
    slot.open = slot.open && !same_tag(slot.challenge, own);
  }
}

bool CommandResponder::is_live(const Slot& slot, Millis now) {
  return slot.open && now - slot.made < kChallengeLifeMs;
}

const CommandResponder::Slot* CommandResponder::find(const CommandChallenge& own,
                                                     Millis now) const {
  for (const Slot& slot : slots_) {
    if (is_live(slot, now) && same_tag(slot.challenge, own)) {
      return &slot;
    }
  }
  return nullptr;
}

/// \returns `bad_tag`, or `stale` if there was nothing to spend.
Refusal CommandResponder::spend_oldest(Millis now) {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[(next_ + i) % slots_.size()];
    if (is_live(slot, now)) {
      slot.open = false;
      return Refusal::bad_tag;
    }
  }
  return Refusal::stale;
}

}  // namespace countersign
