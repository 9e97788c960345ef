#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "registrar/answer.hpp"
#include "registrar/origin.hpp"
#include "registrar/settings.hpp"
#include "registrar/throttle.hpp"

namespace countersign::registrar {

/// Who may use a route.
enum class Access : std::uint8_t {
  anybody,
  administrator,
  enrolling,  ///< an administrator, or whoever brings an enrolment token
};

/// Whoever asks, as far as it is known.
struct Caller {
  Caller() = default;
  Caller(Caller&&) noexcept = default;
  Caller& operator=(Caller&&) noexcept = default;
  ~Caller() { wipe_text(token); }

  std::string name;   ///< for the log
  std::string token;  ///< an enrolment token that only the plugin can judge; empty: administrator
};

/// What a request shows of its sender.
struct Credentials {
  std::string_view authorization;  ///< the field's value
  /// The subject (RFC 2253) of a certificate that TLS has verified; empty if there is none.
  std::string_view subject;
};

/// Decides who is an administrator, and makes guessers wait. May be called from any thread.
class Authority {
 public:
  explicit Authority(const Settings& settings);

  /// Takes administrators and token hashes anew; nobody's wait ends.
  void renew(const Settings& settings);

  /// The token of the request decides; without one, the certificate does.
  [[nodiscard]] std::variant<Caller, Answer> judge(const Credentials& shown, Access access,
                                                   const Origin& origin, Millis now);
  /// What the plugin said to an enrolment token.
  void enrolment_ended(bool good, const Origin& origin, Millis now);

 private:
  std::variant<Caller, Answer> judge_token(std::string_view authorization, Access access,
                                           const Origin& origin, Millis now);
  std::variant<Caller, Answer> judge_subject(std::string_view subject) const;
  [[nodiscard]] std::optional<std::size_t> find_admin_token(std::string_view token) const;

  std::mutex mutex_;
  std::vector<std::string> administrators_;
  std::vector<Digest> hashes_;
  Lockout lockout_;
};

/// An administrator's token, and SHA-256 of it in hex, as the configuration holds it.
struct AdminToken {
  AdminToken() = default;
  AdminToken(AdminToken&&) noexcept = default;
  AdminToken& operator=(AdminToken&&) noexcept = default;
  ~AdminToken() { wipe_text(token); }

  std::string token;
  std::string hash;
};

/// \returns nothing if the system gives no random bytes.
[[nodiscard]] std::optional<AdminToken> make_admin_token();

}  // namespace countersign::registrar
