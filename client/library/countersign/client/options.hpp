#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "countersign/aplus.hpp"

namespace countersign::client {

enum class MqttVersion : std::uint8_t { v311 = 4, v5 = 5 };

/// As mosquitto_pub has them.
struct TlsOptions {
  bool enabled = false;  ///< also implied by `cafile`, `capath` or `psk`
  std::string cafile;    ///< PEM; empty with empty `capath`: the system's
  std::string capath;
  std::string cert;  ///< the client's own
  std::string key;
  std::string version;  ///< the least: tlsv1.2 | tlsv1.3; empty: 1.2
  std::string ciphers;  ///< of TLS 1.2, as openssl ciphers(1) lists them
  std::string alpn;
  std::string psk = {};  ///< a key in hex that the broker knows too, instead of certificates
  std::string psk_identity = {};
  bool insecure = false;  ///< skips the check of the server's name; for tests
};

/// A message that the broker publishes when the connection is lost.
struct WillOptions {
  std::string topic;
  std::vector<std::byte> payload;
  std::uint8_t qos = 0;
  bool retain = false;
};

/// How MFA_R's user and password travel (docs/protocol.md, section 6).
enum class StepOne : std::uint8_t { connect, topic };

/// How long to wait, and how patiently to try again.
struct Patience {
  Millis connect = 10'000;        ///< for TCP, TLS and CONNACK
  Millis login = 30'000;          ///< for `login` altogether
  Millis answer = 10'000;         ///< for an acknowledgement, a receipt, an administrative reply
  Millis repeat_first = 1'000;    ///< until a lost m1 or step 1 is repeated; then doubling
  Millis max_back_off = 900'000;  ///< docs/protocol.md, section 4: 15 minutes
  Millis third = 10'000;          ///< for `finished` after m3, or after an answer to q
  /// The longest random delay before a session that T forgot is made anew (docs/protocol.md,
  /// section 3: 30 s, so that a fleet does not come at once). 0 for a person who waits.
  Millis hint_delay = 30'000;
};

struct Options {
  std::string host = "localhost";
  std::uint16_t port = 0;  ///< 0: 1883, or 8883 with TLS
  MqttVersion mqtt = MqttVersion::v5;
  std::uint16_t keepalive_s = 60;
  TlsOptions tls;

  std::string server_id;  ///< must be that of T; MFA_R needs none
  Suite suite = Suite::x25519;
  /// For the first login on a connection; later ones on it go by topic.
  StepOne step_one = StepOne::connect;

  /// Client id once logged in is `identity`, or `identity~suffix`. Unset: stays on the throw-away
  /// id of the handshake, and takes a random suffix when it has to resume.
  std::optional<std::string> suffix;
  /// Keep subscriptions and queued messages at the broker for so long; 0: clean session. MQTT 3.1.1
  /// knows only clean or not. Needs the client id that this identity owns, hence resume.
  std::uint32_t session_expiry_s = 0;
  std::optional<WillOptions> will;
  bool reconnect = true;  ///< after a lost connection, by itself
  Patience patience;
};

}  // namespace countersign::client
