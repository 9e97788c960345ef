#pragma once

#include <string_view>

#include "engine/context.hpp"

namespace countersign::engine {

enum class Wish { read, write, subscribe, unsubscribe };

/// What ACL_CHECK knows. Borrows.
struct AccessRequest {
  ClientHandle handle = nullptr;
  const char* client_id = nullptr;
  const char* address = nullptr;
  std::string_view topic;
  ByteView payload;
  std::uint8_t qos = 0;
  bool retain = false;
  Wish wish = Wish::read;
};

enum class Access { deny, allow, others_decide };

/// Who may write, read and subscribe what, by the rules. No message is judged here, for this is
/// asked for wills, retained messages and reconnects too; only a will is, which never becomes a
/// message (docs/protocol.md, section 2).
class AccessControl {
 public:
  explicit AccessControl(Context& context) : context_{context} {}

  [[nodiscard]] Access judge(const AccessRequest& request, Millis now);

  /// The broker is stopping: every write from now on is a will.
  void stopping() { stopping_ = true; }

 private:
  [[nodiscard]] Access judge_write(Connection& connection, const AccessRequest& request,
                                   Millis now);
  [[nodiscard]] Access judge_will(Connection& connection, const AccessRequest& request, Millis now);
  [[nodiscard]] Access judge_subscribe(const Connection& connection, const AccessRequest& request,
                                       Millis now);
  [[nodiscard]] bool is_committed(Connection& connection, const AccessRequest& request,
                                  std::string_view topic) const;
  [[nodiscard]] bool is_will(const Connection& connection) const;
  [[nodiscard]] config::Party party_of(const Connection& connection, Millis now) const;
  Access deny(const AccessRequest& request, const Connection& connection, Refusal why, Millis now,
              std::string_view event);

  Context& context_;
  bool stopping_ = false;
};

}  // namespace countersign::engine
