#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>

#include "countersign/base64url.hpp"
#include "engine/admin.hpp"
#include "engine/admin_json.hpp"
#include "engine/arrivals.hpp"
#include "engine/hex.hpp"
#include "engine/password.hpp"

namespace countersign::engine {
namespace {

constexpr std::size_t kMaxTextBytes = 256;
constexpr std::size_t kUserBytes = 16;
constexpr std::size_t kPasswordBytes = 32;
constexpr const char* kExists = "Device already exists";
constexpr const char* kCardTaken = "Card is registered";
constexpr const char* kNoEntropy = "No random bytes";

/// What every registration says besides who it is.
const char* common_problem(const nlohmann::json& command) {
  if (!words_at(command, "roles") || !suites_at(command)) {
    return "Invalid roles or suites";
  }
  return text_at(command, "label").size() > kMaxTextBytes ? "Label too long" : nullptr;
}

const char* key_problem(const nlohmann::json& command) {
  if (!is_identity(text_at(command, "identity"))) {
    return "Invalid/missing identity";
  }
  if (!kind_at(command)) {
    return "Invalid kind";
  }
  if (!key_at(command, "key")) {
    return "Invalid/missing key: 64 hex digits";
  }
  return command.contains("card") && !parse_card_uid(text_at(command, "card"))
             ? "Invalid card: 16 hex digits"
             : common_problem(command);
}

store::Record record_from(const nlohmann::json& command, Millis now) {
  store::Record record;
  record.identity = text_at(command, "identity");
  record.kind = kind_at(command).value_or(Kind::device);
  record.roles = words_at(command, "roles").value_or(std::vector<std::string>{});
  record.suites = suites_at(command).value_or(std::uint8_t{0});
  record.label = text_at(command, "label");
  record.registered_at = now;
  return record;
}

/// 128 random bits, readable aloud: RFC 4648 base32 in lower case.
std::string draw_user(Random& random) {
  constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
  constexpr unsigned kBits = 5;
  Bytes<kUserBytes> bytes{};
  if (!random.fill(bytes)) {
    return {};
  }
  std::string user = "d-";
  std::uint32_t pool = 0;
  unsigned have = 0;
  for (const std::byte byte : bytes) {
    pool = pool << 8U | std::to_integer<std::uint32_t>(byte);
    for (have += 8; have >= kBits; have -= kBits) {
      user += kAlphabet[pool >> (have - kBits) & 31U];
    }
  }
  user += kAlphabet[pool << (kBits - have) & 31U];
  return user;
}

/// 256 random bits.
std::string draw_password(Random& random) {
  Bytes<kPasswordBytes> bytes{};
  std::array<char, base64url_size(kPasswordBytes)> text{};
  if (!random.fill(bytes)) {
    return {};
  }
  std::string password{encode_base64url(bytes, text)};
  wipe(bytes);
  wipe(std::as_writable_bytes(std::span{text}));
  return password;
}

std::string timestamp(Millis now) {
  const std::time_t seconds = now / 1000;
  std::tm utc{};
  std::array<char, 32> text{};
  gmtime_r(&seconds, &utc);
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc)};
}

/// The hash at "passwordHash", or of the password at "password"; empty if there is none of use.
std::string given_hash(Random& random, const nlohmann::json& command) {
  std::string hash = text_at(command, "passwordHash");
  if (!hash.empty()) {
    return is_password_hash(hash) && !command.contains("password") ? hash : std::string{};
  }
  std::string password = text_at(command, "password");
  const bool usable = !password.empty() && password.find('\0') == std::string::npos;
  const auto made = usable ? hash_password(random, bytes_of(password), kChosenIterations)
                           : std::optional<std::string>{};
  wipe(std::as_writable_bytes(std::span{password}));
  return made.value_or(std::string{});
}

}  // namespace

Admin::Effect Admin::register_device(const Json& command, Millis now) {
  if (command.contains("deviceData")) {
    return register_by_data(command, now);
  }
  return kind_at(command) == Kind::legacy ? register_legacy(command, now)
                                          : register_by_key(command, now);
}

/// Makes the record durable; then it is in the registry, and its client ids are its own.
Admin::Effect Admin::registering(store::Record record, std::optional<store::EnrolmentToken> spent) {
  Effect effect;
  effect.data = {{"identity", record.identity}};
  const std::string spent_hash = spent ? spent->hash : std::string{};
  effect.once_durable = [this, record, spent = std::move(spent)](Millis then) {
    const auto card = parse_card_uid(record.card_uid);
    if (card) {
      context_.registry.release_card(*card);
    }
    if (then >= 0) {
      context_.registry.put(record);
      if (record.kind != Kind::legacy) {  // which owns none
        reclaim_client_ids(context_, record.identity, then);
      }
      return;
    }
    if (record.registration) {
      context_.registry.release_data(*record.registration);
    }
    if (spent) {
      tokens_.insert_or_assign(spent->hash, *spent);
    }
  };
  effect.change = store::PutRecord{std::move(record), spent_hash};
  return effect;
}

Admin::Effect Admin::register_by_key(const Json& command, Millis now) {
  if (const char* const problem = key_problem(command); problem != nullptr) {
    return failed(problem);
  }
  store::Record record = record_from(command, now);
  if (context_.registry.find(record.identity) != nullptr) {
    return failed(kExists);
  }
  record.k = *key_at(command, "key");
  const auto card = parse_card_uid(text_at(command, "card"));
  if (card && !context_.registry.claim_card(*card, nullptr)) {
    return failed(kCardTaken);
  }
  record.card_uid = card ? hex_of(*card) : std::string{};
  if (record.kind == Kind::admin) {
    record.roles.emplace_back("admin");
  }
  return registering(std::move(record));
}

/// [MFA_R, Algorithm 2] RegServ: `<timestamp, user, passwd>` for device data that nobody has used.
Admin::Effect Admin::register_by_data(const Json& command, Millis now) {
  auto data = device_data_at(command);
  const char* const problem = common_problem(command);
  if (!data || problem != nullptr || command.contains("identity") || command.contains("key") ||
      kind_at(command) != Kind::device) {
    return failed(problem != nullptr
                      ? problem
                      : "Invalid deviceData: uuid, model, vendor, serial and up to 12 "
                        "free texts of 1-255 bytes, one of 8 or more; no identity, "
                        "kind or key");
  }
  const std::string token = text_at(command, "token");
  const store::EnrolmentToken* const enrolment = usable_token(token, now);
  if (command.contains("token") && enrolment == nullptr) {
    return failed("Invalid token");
  }
  store::Record record = record_from(command, now);
  record.identity = draw_user(context_.random);
  std::string password = draw_password(context_.random);
  const auto hash = hash_password(context_.random, bytes_of(password), kDrawnIterations);
  if (record.identity.empty() || password.empty() || !hash ||
      !context_.random.fill(record.k.fill())) {
    return failed(kNoEntropy);
  }
  record.registration = store::Registration{*hash, std::move(*data), {}};
  if (!context_.registry.claim_data(*record.registration)) {
    return failed("Device data is known");
  }
  std::optional<store::EnrolmentToken> spent;
  if (enrolment != nullptr) {
    record.roles = enrolment->roles;
    record.label = record.label.empty() ? enrolment->label : record.label;
    spent = *enrolment;
    tokens_.erase(spent->hash);
  }
  Json shown{{"identity", record.identity},
             {"user", record.identity},
             {"password", password},
             {"kReg", hex_of(record.k.bytes())},
             {"timestamp", timestamp(now)}};
  wipe(std::as_writable_bytes(std::span{password}));
  Effect effect = registering(std::move(record), std::move(spent));
  effect.data = std::move(shown);
  return effect;
}

/// A compatibility device: its administrator gives user and password.
Admin::Effect Admin::register_legacy(const Json& command, Millis now) {
  store::Record record = record_from(command, now);
  if (!is_identity(record.identity)) {
    return failed("Invalid/missing identity");
  }
  if (const char* const problem = common_problem(command); problem != nullptr) {
    return failed(problem);
  }
  if (context_.registry.find(record.identity) != nullptr) {
    return failed(kExists);
  }
  std::string hash = given_hash(context_.random, command);
  if (hash.empty() || command.contains("key") || command.contains("suites")) {
    return failed("Invalid/missing password or passwordHash; no key and no suites");
  }
  record.reputation = {Level::auth1, 0};
  record.registration = store::Registration{std::move(hash), {}, {}};
  return registering(std::move(record));
}

}  // namespace countersign::engine
