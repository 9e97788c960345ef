#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "countersign/crypto.hpp"
#include "engine/connections.hpp"
#include "engine/principal.hpp"
#include "store/store.hpp"

namespace countersign::engine {

/// The device data that every MFA_R registration gives, and that tells devices apart.
inline constexpr std::array<std::string_view, 4> kRequiredFields{"uuid", "model", "vendor",
                                                                 "serial"};

/// The UID of a card, of 16 hex digits in either case; nothing for any other text.
[[nodiscard]] std::optional<CardUid> parse_card_uid(std::string_view text);

/// Every registered identity, in memory. Reads never leave it; what must last goes to the store.
class Registry {
 public:
  explicit Registry(const Crypto& crypto) : crypto_{crypto} { role_sets_.emplace_back(); }

  [[nodiscard]] Principal* find(std::string_view identity);
  /// The same, where the same caller asks for the same identity again and again: `last` is its own
  /// note, and good until somebody is removed.
  [[nodiscard]] Principal* find(std::string_view identity, Found& last);

  /// Adds or replaces an identity as the store holds it; sessions of a replaced one are kept.
  Principal& put(const store::Record& record);
  void remove(std::string_view identity);

  [[nodiscard]] store::Record record_of(const Principal& principal) const;

  [[nodiscard]] std::span<const std::string> roles_of(const Principal& principal) const {
    return role_sets_[principal.role_set];
  }
  [[nodiscard]] bool has_role(const Principal& principal, std::string_view role) const;
  /// Gives no roles at all where there is no room for a new set of them.
  void set_roles(Principal& principal, std::vector<std::string> roles);

  /// Notes that the identity's key is in that card, and computes what its tags are checked with;
  /// with an empty text, that it is in none. What was known of another card is forgotten.
  void learn_card(Principal& principal, const std::string& card_uid);
  /// What the store knows of a card, if the identity still has it.
  void learn_card(store::Card&& card);

  /// Whoever has that card, or null.
  [[nodiscard]] Principal* holder_of(const CardUid& uid) const;
  /// Whether no other identity has that card; from now on `principal`, or if it is null somebody
  /// about to be registered, is to have it.
  [[nodiscard]] bool claim_card(const CardUid& uid, const Principal* principal);
  /// Whoever was about to be given that card is not, or has it now.
  void release_card(const CardUid& uid);
  /// Every card that somebody has, by its UID; null for those that are only claimed.
  [[nodiscard]] const std::map<CardUid, Principal*>& cards() const { return cards_; }
  /// The identities of kind agent.
  [[nodiscard]] const std::set<const Principal*>& agents() const { return agents_; }

  /// Keeps what a registration gave.
  void learn_registration(Principal& principal, const store::Registration& registration);

  /// Whether no identity was registered with this device data; from now on one is, or about to be.
  [[nodiscard]] bool claim_data(const store::Registration& registration);
  /// Whoever was about to be registered with it is not.
  void release_data(const store::Registration& registration);

  void for_each(const std::function<void(Principal&)>& visit);
  [[nodiscard]] std::size_t size() const { return principals_.size(); }
  void reserve(std::size_t count) { principals_.reserve(count); }

 private:
  struct ByIdentity {
    using is_transparent = void;
    std::size_t operator()(std::string_view identity) const {
      return std::hash<std::string_view>{}(identity);
    }
    std::size_t operator()(const std::unique_ptr<Principal>& principal) const {
      return (*this)(std::string_view{principal->identity});
    }
    bool operator()(const std::unique_ptr<Principal>& a,
                    const std::unique_ptr<Principal>& b) const {
      return a->identity == b->identity;
    }
    bool operator()(std::string_view a, const std::unique_ptr<Principal>& b) const {
      return a == b->identity;
    }
    bool operator()(const std::unique_ptr<Principal>& a, std::string_view b) const {
      return a->identity == b;
    }
  };

  [[nodiscard]] std::vector<std::vector<std::string>>::iterator unused_role_set();
  void forget_card(Principal& principal);
  [[nodiscard]] std::string data_digest(const store::Registration& registration) const;

  const Crypto& crypto_;
  std::unordered_set<std::unique_ptr<Principal>, ByIdentity, ByIdentity> principals_;
  std::vector<std::vector<std::string>> role_sets_;
  std::unordered_set<std::string> known_data_;  ///< digests of device data
  std::map<CardUid, Principal*> cards_;
  std::set<const Principal*> agents_;
  std::uint64_t removals_ = 0;
};

}  // namespace countersign::engine
