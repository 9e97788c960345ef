#pragma once

#include <map>
#include <string>

#include "registrar/answer.hpp"
#include "registrar/authority.hpp"
#include "registrar/broker_link.hpp"

namespace countersign::registrar {

/// One request that its sender may make. Borrows from whoever reads it.
struct Asked {
  const Caller& caller;
  std::string_view name;  ///< what the path names: a user, or a token's id
  const std::multimap<std::string, std::string>& query;
  std::string_view body;
};

/// MFA_R's RegServ: turns requests into commands of the administration topic (docs/protocol.md,
/// section 10), and what the plugin says into answers. Keeps nothing. May be used from any thread.
class RegServ {
 public:
  explicit RegServ(BrokerLink& broker) : broker_{broker} {}

  [[nodiscard]] Answer register_device(const Asked& asked);
  [[nodiscard]] Answer register_legacy(const Asked& asked);
  [[nodiscard]] Answer list_devices(const Asked& asked);
  [[nodiscard]] Answer show_device(const Asked& asked);
  [[nodiscard]] Answer remove_device(const Asked& asked);
  [[nodiscard]] Answer create_token(const Asked& asked);
  [[nodiscard]] Answer list_tokens(const Asked& asked);
  [[nodiscard]] Answer revoke_token(const Asked& asked);
  [[nodiscard]] Answer health(const Asked& asked);
  [[nodiscard]] Answer description(const Asked& asked);

 private:
  /// Sends `command` and wipes it. \returns the data, or what the client is told instead.
  [[nodiscard]] std::variant<Json, Answer> ask(Json command);

  BrokerLink& broker_;
};

}  // namespace countersign::registrar
