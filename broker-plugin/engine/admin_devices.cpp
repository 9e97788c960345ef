#include <algorithm>

#include "engine/admin.hpp"
#include "engine/admin_json.hpp"
#include "engine/hex.hpp"
#include "engine/trail.hpp"

namespace countersign::engine {
namespace {

constexpr std::size_t kMaxTextBytes = 256;
constexpr std::size_t kMaxPage = 1000;
constexpr const char* kNotFound = "Device not found";
constexpr const char* kBadRole = "Invalid/missing role";
constexpr const char* kLastAdmin =
    "The last administrator; countersign setup --recover makes another";

}  // namespace

Admin::Effect Admin::list_devices(const Json& command, Millis now) {
  const std::size_t offset = count_at(command, "offset", 0);
  const std::size_t asked = count_at(command, "count", kMaxPage);
  const bool verbose = flag_at(command, "verbose");
  const bool registered = flag_at(command, "registered");
  std::vector<const Principal*> all;
  context_.registry.for_each([&](const Principal& principal) {
    if (!registered || is_registrars(principal)) {
      all.push_back(&principal);
    }
  });
  std::sort(all.begin(), all.end(),
            [](const Principal* a, const Principal* b) { return a->identity < b->identity; });
  Effect effect;
  effect.data = {{"totalCount", all.size()}, {"devices", Json::array()}};
  const std::size_t first = std::min(offset, all.size());
  const std::size_t last = first + std::min({asked, kMaxPage, all.size() - first});
  for (std::size_t i = first; i < last; ++i) {
    effect.data["devices"].push_back(verbose ? describe(context_.registry, *all[i], now)
                                             : Json{{"identity", all[i]->identity}});
  }
  return effect;
}

Admin::Effect Admin::get_device(const Json& command, Millis now) {
  const Principal* const principal = named(command);
  Effect effect;
  if (principal == nullptr) {
    effect.error = kNotFound;
    return effect;
  }
  effect.data = describe(context_.registry, *principal, now);
  return effect;
}

Admin::Effect Admin::change(const Json& command, const std::function<void(store::Record&)>& mend,
                            std::function<void(Principal&, Millis)> apply) {
  Effect effect;
  const Principal* const principal = named(command);
  if (principal == nullptr) {
    effect.error = kNotFound;
    return effect;
  }
  store::Record record = context_.registry.record_of(*principal);
  mend(record);
  effect.change = store::PutRecord{std::move(record)};
  effect.once_durable = [this, identity = principal->identity,
                         apply = std::move(apply)](Millis then) {
    Principal* const still = context_.registry.find(identity);
    if (then >= 0 && still != nullptr) {
      apply(*still, then);
    }
  };
  return effect;
}

Admin::Effect Admin::lock(const Json& command, Millis now, bool Principal::*flag) {
  Effect effect;
  Principal* const principal = named(command);
  const std::string reason = text_at(command, "reason");
  if (principal == nullptr || reason.size() > kMaxTextBytes) {
    effect.error = principal == nullptr ? kNotFound : "Reason too long";
    return effect;
  }
  if (is_last_admin(*principal)) {
    effect.error = kLastAdmin;
    return effect;
  }
  principal->*flag = true;
  if (!reason.empty() && !principal->particulars) {
    principal->particulars = std::make_unique<Particulars>();
  }
  if (principal->particulars) {
    principal->particulars->reason = reason;
  }
  sessions_.end_all(*principal, true, now);
  desk_.forget(principal->identity);
  effect.change = store::PutRecord{context_.registry.record_of(*principal)};
  effect.in_force = true;
  return effect;
}

Admin::Effect Admin::disable(const Json& command, Millis now) {
  return lock(command, now, &Principal::disabled);
}

Admin::Effect Admin::block(const Json& command, Millis now) {
  return lock(command, now, &Principal::blocked);
}

Admin::Effect Admin::enable(const Json& command, Millis) {
  return change(
      command,
      [](store::Record& record) {
        record.disabled = false;
        record.reason.clear();
      },
      [](Principal& principal, Millis) {
        principal.disabled = false;
        if (principal.particulars) {
          principal.particulars->reason.clear();
        }
      });
}

Admin::Effect Admin::unblock(const Json& command, Millis) {
  return change(
      command,
      [](store::Record& record) {
        record.blocked = false;
        record.reason.clear();
      },
      [](Principal& principal, Millis) {
        principal.blocked = false;
        if (principal.particulars) {
          principal.particulars->reason.clear();
        }
      });
}

Admin::Effect Admin::reinstate(const Json& command, Millis) {
  return change(
      command,
      [](store::Record& record) {
        record.expulsion.until = 0;
        record.cloned = false;
        record.reputation.score = initial_score(record.kind);
      },
      [this](Principal& principal, Millis now) { inspector_.reinstate(principal, now); });
}

Admin::Effect Admin::remove(const Json& command, Millis now) {
  Effect effect;
  Principal* const principal = named(command);
  if (principal == nullptr || is_last_admin(*principal)) {
    effect.error = principal == nullptr ? kNotFound : kLastAdmin;
    return effect;
  }
  // no right survives the order, whatever the disk says
  principal->disabled = true;
  sessions_.end_all(*principal, true, now);
  desk_.forget(principal->identity);
  effect.change = store::RemoveRecord{principal->identity};
  effect.in_force = true;
  effect.once_durable = [this, identity = principal->identity](Millis then) {
    if (const Principal* const still = context_.registry.find(identity);
        still != nullptr && then >= 0) {
      sessions_.forget(*still);
      context_.registry.remove(identity);
      context_.dataserv.forget(identity);
    }
  };
  return effect;
}

Admin::Effect Admin::rekey(const Json& command, Millis) {
  const auto key = key_at(command, "key");
  if (!key) {
    return failed("Invalid/missing key: 64 hex digits");
  }
  const auto uid = parse_card_uid(text_at(command, "card"));
  if (command.contains("card") && !uid) {
    return failed("Invalid card: 16 hex digits");
  }
  const Principal* const principal = named(command);
  if (principal != nullptr && uid && !context_.registry.claim_card(*uid, principal)) {
    return failed("Card is registered");
  }
  const std::string card = uid ? hex_of(*uid) : std::string{};
  Effect effect = change(
      command,
      [&](store::Record& record) {
        record.k = *key;
        record.epoch = 0;
        record.last_first = {};
        record.cloned = false;
        record.card_counter = 0;
        record.card_uid = card;
      },
      [this, key = *key, card](Principal& changed, Millis now) {
        give_key(changed, key, card, now);
      });
  if (uid && effect.once_durable) {
    effect.once_durable = [this, uid = *uid, apply = std::move(effect.once_durable)](Millis then) {
      context_.registry.release_card(uid);
      apply(then);
    };
  }
  return effect;
}

void Admin::give_key(Principal& principal, const Key32& key, const std::string& card, Millis now) {
  sessions_.end_all(principal, true, now);
  desk_.forget(principal.identity);
  principal.k = key;
  principal.epoch = 0;
  principal.last_first = {};
  principal.cloned = false;
  principal.card_counter = 0;
  context_.registry.learn_card(principal, card);
}

Admin::Effect Admin::reset_epoch(const Json& command, Millis) {
  const Principal* const principal = named(command);
  if (principal != nullptr && principal->card_key != nullptr) {
    return failed("Never for cards: give it a new key");
  }
  return change(
      command,
      [](store::Record& record) {
        record.epoch = 0;
        record.last_first = {};
      },
      [this](Principal& changed, Millis) {
        changed.epoch = 0;
        changed.last_first = {};
        desk_.forget(changed.identity);
      });
}

Admin::Effect Admin::add_role(const Json& command, Millis) {
  const std::string role = text_at(command, "role");
  if (!is_identity(role)) {
    return failed(kBadRole);
  }
  return change(
      command,
      [&](store::Record& record) {
        std::erase(record.roles, role);
        record.roles.push_back(role);
      },
      [this, role](Principal& principal, Millis) {
        const auto roles = context_.registry.roles_of(principal);
        std::vector<std::string> more{roles.begin(), roles.end()};
        more.push_back(role);
        context_.registry.set_roles(principal, std::move(more));
      });
}

Admin::Effect Admin::remove_role(const Json& command, Millis) {
  const std::string role = text_at(command, "role");
  Principal* const principal = named(command);
  if (principal == nullptr || !is_identity(role)) {
    return failed(principal == nullptr ? kNotFound : kBadRole);
  }
  if (role == "admin" && is_last_admin(*principal)) {
    return failed(kLastAdmin);
  }
  const auto roles = context_.registry.roles_of(*principal);
  std::vector<std::string> fewer{roles.begin(), roles.end()};
  std::erase(fewer, role);
  context_.registry.set_roles(*principal, std::move(fewer));
  Effect effect;
  effect.change = store::PutRecord{context_.registry.record_of(*principal)};
  effect.in_force = true;
  return effect;
}

}  // namespace countersign::engine
