#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "countersign/aplus.hpp"
#include "countersign/client/key_source.hpp"
#include "countersign/client/message.hpp"
#include "countersign/envelope.hpp"
#include "countersign/keys.hpp"
#include "countersign/replay_window.hpp"

namespace countersign::client {

/// A signed message, ready for MQTT.
struct SignedMessage {
  std::uint32_t seq = 0;
  std::vector<std::byte> payload;
  std::string cs1;  ///< readable form: the property's value
};

/// The props of docs/protocol.md, section 1. Nothing if they are too long.
[[nodiscard]] std::optional<std::vector<std::byte>> signed_props(const MessageProperties& from);

/// What a handshake ended in, as the client keeps it: signs with rising seq, opens what T sends,
/// each down seq once, proves itself on new connections with rising n. No MQTT, no clock.
class LiveSession {
 public:
  [[nodiscard]] static std::unique_ptr<LiveSession> open(const Crypto& crypto,
                                                         const Agreement& agreement);
  LiveSession(const LiveSession&) = delete;
  LiveSession& operator=(const LiveSession&) = delete;

  [[nodiscard]] std::uint16_t kid() const { return kid_; }
  [[nodiscard]] const AuthCode& auth_code() const { return auth_code_; }
  /// The last n proven.
  [[nodiscard]] std::uint32_t n() const { return n_; }
  /// No seq is left: only a new handshake helps.
  [[nodiscard]] bool exhausted() const { return next_seq_ > kMaxSeq; }

  /// Signs under the next seq. `card` signs instead of us if `options.on_card`. `props` as made by
  /// `signed_props`, empty in MQTT 3.1.1.
  [[nodiscard]] Outcome<SignedMessage> sign(const Crypto& crypto, KeySource& card,
                                            std::string_view topic, ByteView props,
                                            ByteView payload, const PublishOptions& options);

  /// Opens a down envelope. Its payload, or why not: `bad_tag`, `replayed`, `unknown_kid`, …
  struct Down {
    Refusal why = Refusal::none;
    bool sealed = false;
    std::vector<std::byte> payload;
  };
  [[nodiscard]] Down open_down(const Crypto& crypto, std::string_view topic, ByteView wire);

  /// The password of the next resume.
  [[nodiscard]] std::string prove(const Crypto& crypto, std::string_view client_id);

 private:
  LiveSession() = default;
  [[nodiscard]] Outcome<SignedMessage> sign_on_card(const Crypto& crypto, KeySource& card,
                                                    Header header, const MessageContext& context,
                                                    ByteView payload, Form form);
  [[nodiscard]] Outcome<SignedMessage> sign_here(const Crypto& crypto, const Header& header,
                                                 const MessageContext& context, ByteView payload,
                                                 Form form);

  static constexpr std::size_t kWindowWords = 4;

  AuthCode auth_code_{};
  std::uint16_t kid_ = 0;
  Key32 sk_;
  DirectionKey up_;
  DirectionKey down_;
  std::uint32_t next_seq_ = 1;
  std::uint32_t n_ = 0;
  std::array<std::uint64_t, kWindowWords> ring_{};
  ReplayWindow window_;
};

}  // namespace countersign::client
