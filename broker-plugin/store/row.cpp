#include "store/row.hpp"

#include <array>
#include <concepts>
#include <limits>

namespace countersign::store {
namespace {

constexpr std::size_t kWrappedKeyBytes = 32 + kWrapOverheadBytes;

std::string join(const std::vector<std::string>& roles) {
  std::string out;
  for (const std::string& role : roles) {
    out += (out.empty() ? "" : " ") + role;
  }
  return out;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    out.emplace_back(text.substr(0, space));
    text = space == std::string_view::npos ? std::string_view{} : text.substr(space + 1);
  }
  return out;
}

/// Walks the columns; a number that does not fit sticks.
class Columns {
 public:
  explicit Columns(const Statement& row) : row_{row} {}

  template <std::integral T>
  void take(T& out, std::int64_t max = std::numeric_limits<T>::max()) {
    const std::int64_t value = row_.number(next_++);
    ok = ok && value >= static_cast<std::int64_t>(std::numeric_limits<T>::min()) && value <= max;
    out = static_cast<T>(value);
  }
  template <class E>
  void take_enum(E& out, std::size_t count) {
    std::uint8_t value = 0;
    take(value, static_cast<std::int64_t>(count) - 1);
    out = static_cast<E>(value);
  }
  void take(bool& out) {
    std::uint8_t value = 0;
    take(value, 1);
    out = value != 0;
  }
  void take(std::string& out) { out = row_.text(next_++); }
  ByteView bytes() { return row_.bytes(next_++); }

  bool ok = true;

 private:
  const Statement& row_;
  int next_ = 0;
};

bool unwrap_registration(const WrapKey& key, ByteView wrapped, Record& record) {
  if (wrapped.empty()) {
    return true;
  }
  if (wrapped.size() < kWrapOverheadBytes) {
    return false;
  }
  std::vector<std::byte> image(wrapped.size() - kWrapOverheadBytes);
  if (!key.unwrap(kRegistrationTable, record.identity, wrapped, image)) {
    return false;
  }
  record.registration = read_registration(image);
  wipe(image);
  return record.registration.has_value();
}

bool is_uid(std::string_view text) {
  return text.size() == 2 * kCardUidBytes &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_shown(LifeCycle state) {
  return state == LifeCycle::none || state == LifeCycle::active || state == LifeCycle::deactivated;
}

bool is_ordered(IssuerCommand command) {
  return command == IssuerCommand::none || command == IssuerCommand::activate ||
         command == IssuerCommand::deactivate;
}

}  // namespace

std::vector<std::byte> wrap_registration(const WrapKey& key, const std::string& identity,
                                         const Registration& registration) {
  std::vector<std::byte> image = write_registration(registration);
  std::vector<std::byte> wrapped(image.size() + kWrapOverheadBytes);
  const bool done = !image.empty() && key.wrap(kRegistrationTable, identity, image, wrapped);
  wipe(image);
  return done ? wrapped : std::vector<std::byte>{};
}

bool write_key(Statement& set, const WrapKey& key, std::string_view identity, const Key32& k) {
  std::array<std::byte, kWrappedKeyBytes> wrapped{};
  return key.wrap(kKeyTable, identity, k.bytes(), wrapped) &&
         set.add(ByteView{wrapped}).add(identity).run();
}

bool write_row(Statement& put, const WrapKey& key, const Record& record) {
  std::array<std::byte, kWrappedKeyBytes> wrapped{};
  const std::vector<std::byte> registration =
      record.registration ? wrap_registration(key, record.identity, *record.registration)
                          : std::vector<std::byte>{};
  if (!is_identity(record.identity) ||
      !key.wrap(kKeyTable, record.identity, record.k.bytes(), wrapped) ||
      registration.empty() == record.registration.has_value()) {
    return false;
  }
  const std::string roles = join(record.roles);
  const auto flag = [](bool set) { return std::int64_t{set ? 1 : 0}; };
  put.add(std::string_view{record.identity})
      .add(static_cast<std::int64_t>(record.kind))
      .add(ByteView{wrapped})
      .add(std::int64_t{record.epoch})
      .add(ByteView{record.last_first})
      .add(static_cast<std::int64_t>(record.reputation.level))
      .add(std::int64_t{record.reputation.score})
      .add(flag(record.disabled))
      .add(flag(record.blocked))
      .add(flag(record.cloned))
      .add(std::string_view{record.reason})
      .add(record.expulsion.until)
      .add(std::int64_t{record.expulsion.strikes})
      .add(record.expulsion.last_strike)
      .add(std::string_view{roles})
      .add(std::int64_t{record.suites})
      .add(std::int64_t{record.kid_ceiling})
      .add(std::int64_t{record.card_counter})
      .add(std::string_view{record.card_uid})
      .add(std::string_view{record.label})
      .add(record.registered_at)
      .add(ByteView{registration});
  return put.run();
}

std::optional<Record> read_row(const Statement& row, const WrapKey& key) {
  Columns columns{row};
  Record record;
  columns.take(record.identity);
  columns.take_enum(record.kind, kKindNames.size());
  const ByteView wrapped = columns.bytes();
  const bool opened = wrapped.size() == kWrappedKeyBytes && is_identity(record.identity) &&
                      key.unwrap(kKeyTable, record.identity, wrapped, record.k.fill());
  columns.take(record.epoch, kMaxVbi);
  const ByteView last_first = columns.bytes();
  copy(last_first, record.last_first);
  columns.take_enum(record.reputation.level, kLevelNames.size());
  columns.take(record.reputation.score);
  columns.take(record.disabled);
  columns.take(record.blocked);
  columns.take(record.cloned);
  columns.take(record.reason);
  columns.take(record.expulsion.until);
  columns.take(record.expulsion.strikes);
  columns.take(record.expulsion.last_strike);
  std::string roles;
  columns.take(roles);
  record.roles = split(roles);
  columns.take(record.suites, 3);
  columns.take(record.kid_ceiling);
  columns.take(record.card_counter);
  columns.take(record.card_uid);
  columns.take(record.label);
  columns.take(record.registered_at);
  const bool registered = unwrap_registration(key, columns.bytes(), record);
  if (!opened || !registered || !columns.ok || last_first.size() != record.last_first.size()) {
    return std::nullopt;
  }
  return record;
}

bool write_token_row(Statement& put, const EnrolmentToken& token) {
  const std::string roles = join(token.roles);
  return put.add(std::string_view{token.hash})
      .add(token.expires_at)
      .add(std::string_view{roles})
      .add(std::string_view{token.label})
      .run();
}

std::optional<EnrolmentToken> read_token_row(const Statement& row) {
  constexpr std::size_t kHashDigits = 64;
  Columns columns{row};
  EnrolmentToken token;
  std::string roles;
  columns.take(token.hash);
  columns.take(token.expires_at);
  columns.take(roles);
  columns.take(token.label);
  token.roles = split(roles);
  return columns.ok && token.hash.size() == kHashDigits ? std::optional{token} : std::nullopt;
}

bool write_sighting(Statement& set, std::string_view identity, std::string_view uid,
                    const Sighting& sighting) {
  return set.add(identity)
      .add(uid)
      .add(std::string_view{sighting.agent})
      .add(std::string_view{sighting.host})
      .add(std::string_view{sighting.reader})
      .add(sighting.seen_at)
      .add(static_cast<std::int64_t>(sighting.life_cycle))
      .add(std::int64_t{sighting.admin_counter})
      .run();
}

std::optional<Card> read_card_row(const Statement& row) {
  constexpr std::size_t kAnyByte = 256;
  Columns columns{row};
  Card card;
  columns.take(card.identity);
  columns.take(card.uid);
  columns.take(card.sighting.agent);
  columns.take(card.sighting.host);
  columns.take(card.sighting.reader);
  columns.take(card.sighting.seen_at);
  columns.take_enum(card.sighting.life_cycle, kAnyByte);
  columns.take(card.sighting.admin_counter);
  columns.take_enum(card.order.instruction, kAnyByte);
  columns.take(card.order.proof.n);
  const ByteView tag = columns.bytes();
  copy(tag, card.order.proof.tag);
  columns.take_enum(card.order.state, kOrderStateNames.size());
  columns.take(card.order.status);
  const bool good = columns.ok && is_uid(card.uid) && is_shown(card.sighting.life_cycle) &&
                    is_ordered(card.order.instruction) && tag.size() == card.order.proof.tag.size();
  return good ? std::optional{card} : std::nullopt;
}

}  // namespace countersign::store
