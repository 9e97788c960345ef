#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/back_off.hpp"
#include "core/device_names.hpp"
#include "core/device_options.hpp"
#include "core/login_pace.hpp"
#include "core/mqtt_client.hpp"
#include "core/reading_flow.hpp"
#include "countersign/mfar.hpp"
#include "countersign/rekey.hpp"
#include "countersign/topics.hpp"
#include "countersign/will.hpp"
#include "vault/signer.hpp"

namespace countersign::mcu {

/// A device that proves itself to T and publishes signed readings: it connects, logs in, resumes,
/// answers enforcement, sends what the ring holds, in order and exactly once, and comes back after
/// whatever happened to link or broker. It never blocks and never allocates: call `step` often.
/// Not thread-safe. All that is passed in outlives it. What has buffers of its own is not inlined,
/// so that they do not stand on the stack of what goes deeper.
template <Transport Link, Signer Keys>
class Device {
 public:
  struct Parts {
    Link& link;
    Keys& keys;
    Random& random;
    Ring& ring;
    MutableBytes room;  ///< for packets that come in: 512 bytes
  };

  Device(const Parts& parts, const DeviceOptions& options)
      : keys_{parts.keys},
        random_{parts.random},
        ring_{parts.ring},
        options_{options},
        mqtt_{parts.link, parts.room},
        flow_{parts.ring},
        connect_pause_{options.first_pause, options.longest_pause} {}

  /// Does what is to be done now. Call it until it says `none`, then at least every few
  /// milliseconds.
  [[nodiscard]] DeviceEvent step(Millis now) {
    if (fault_ != Refusal::none || !ring_.usable()) {
      return fail(fault_ != Refusal::none ? fault_ : Refusal::internal);
    }
    if (phase_ == Phase::waiting) {
      return now >= connect_at_ ? connect(now) : DeviceEvent{};
    }
    const MqttEvent event = mqtt_.poll(now);
    switch (event.what) {
      case MqttEvent::What::linked:
        return introduce(now);
      case MqttEvent::What::online:
        return opened(event.session_present, now);
      case MqttEvent::What::refused:
        return refused(event.code, now);
      case MqttEvent::What::lost:
        return lost(now);
      case MqttEvent::What::message:
        return arrived(event.message, now);
      case MqttEvent::What::acknowledged:
        flow_.acknowledged(event.id);
        return {};
      default:
        return drive(now);
    }
  }

  /// The number of the next reading, which nothing else ever had or will have.
  /// \returns `expired` at the last, or `internal` if the store fails: a fault either way.
  [[nodiscard]] Result<std::uint32_t> next_reading() {
    const auto number = keys_.next_reading();
    if (!number) {
      static_cast<void>(fail(number.why()));
    }
    return number;
  }

  /// Keeps a reading in the ring until T has it. `number` comes from `next_reading` and is greater
  /// than those recorded before.
  /// \returns `none` once it is durable; `busy` if the ring is full; `too_large`; `stale` if what
  /// was told since has a greater number: take another.
  [[nodiscard]] Refusal record(std::uint32_t number, ByteView reading) {
    if (reading.size() > kMaxReadingBytes || flow_.overtaken(number)) {
      return reading.size() > kMaxReadingBytes ? Refusal::too_large : Refusal::stale;
    }
    return ring_.append(number, reading) ? Refusal::none : Refusal::busy;
  }

  /// Sends a reading at once, with QoS 0, and keeps nothing of it. \returns `busy` where that is
  /// not possible now: no session, no room, T demands a proof, or older readings wait for it or for
  /// their receipt. `record` it then.
  [[nodiscard]] Refusal publish(std::uint32_t number, ByteView reading, Millis now) {
    if (!may_send() || flow_.has_unsent()) {
      return Refusal::busy;
    }
    flow_.spent(number);
    return say(options_.topic, reading, number, reading_flags(), now) ? Refusal::none
                                                                      : Refusal::busy;
  }

  /// Signs and sends what is no reading, with QoS 0. \returns false where that is not possible now.
  [[nodiscard]] bool tell(std::string_view topic, ByteView payload, Millis now) {
    return may_send() && tell_anyhow(topic, payload, now);
  }

  /// Asks T for another k as soon as there is a session; `rekeyed` says when it is done.
  void rekey() {
    rekey_ = true;
    rekeys_.reset();
  }

  /// True if readings go out: there is a session, and the fate of those before it is known.
  [[nodiscard]] bool is_ready() const { return phase_ == Phase::online && !settling_; }
  [[nodiscard]] bool is_online() const { return phase_ == Phase::online; }
  [[nodiscard]] const ReadingFlow& flow() const { return flow_; }

 private:
  /// True if a message of the session would be taken, and leaves room to ask for receipts. The very
  /// first one asks for that of the session before.
  [[nodiscard]] bool may_send() const { return is_ready() && !enforced_ && flow_.may_tell(); }

  enum class Phase : std::uint8_t { waiting, opening, handshaking, online };

  static constexpr Millis kAskAgainMs = 2'000;  // for a receipt that does not come
  static constexpr std::uint32_t kManyUnreceipted = 24;
  static constexpr Millis kStuckMs = 20'000;
  static constexpr std::uint32_t kAskTries = 4;
  static constexpr Millis kSecondMs = 1'000;
  static constexpr std::uint32_t kBadTagsPerSecond = 8;  // docs/protocol.md, section 1

  // the connection: device_connection.hpp
  [[gnu::noinline]] DeviceEvent connect(Millis now);
  DeviceEvent introduce(Millis now);
  DeviceEvent opened(bool session_present, Millis now);
  DeviceEvent go_online(Millis now);
  DeviceEvent refused(std::uint8_t code, Millis now);
  DeviceEvent lost(Millis now);
  void connect_later(Millis now);

  // the handshake: device_login.hpp
  void give_up_login(Millis now);
  void renew(Millis now, Millis pause = 0);
  [[gnu::noinline]] DeviceEvent drive_login(Millis now);
  void send_plain(ByteView message, Millis now);
  [[gnu::noinline]] DeviceEvent take_handshake(ByteView message, Millis now);
  DeviceEvent finished(const Receipt& receipt, Millis now);
  [[nodiscard]] bool settled();

  // what T says: device_notices.hpp
  DeviceEvent arrived(const PublishPacket& message, Millis now);
  [[gnu::noinline]] DeviceEvent take_notice(const PublishPacket& message, Millis now);
  DeviceEvent take_other(ByteView payload, Millis now);
  [[gnu::noinline]] DeviceEvent take_rekeyed(ByteView payload);
  void count_bad_tag(Refusal why, Millis now);
  DeviceEvent take_receipt(const Receipt& receipt);
  DeviceEvent act_on(const Notice& notice, Millis now);
  [[gnu::noinline]] DeviceEvent take_question(ByteView q, Millis now);
  [[gnu::noinline]] void take_hint(ByteView payload, Millis now);

  // what is to be done without being asked: device_duties.hpp
  DeviceEvent drive(Millis now);
  [[gnu::noinline]] DeviceEvent attend(Millis now);
  DeviceEvent ask_rekey(Millis now);
  void settle(Millis now);
  bool tell_anyhow(std::string_view topic, ByteView payload, Millis now);
  [[gnu::noinline]] bool request_receipt(std::uint16_t kid, Millis now);
  void send_waiting(Millis now);
  void send_again(Millis now);
  bool send_reading(const Waiting& reading, std::uint16_t id, bool again, Millis now);
  bool say(std::string_view topic, ByteView payload, std::uint32_t number, std::uint8_t flags,
           Millis now);
  [[nodiscard]] std::uint8_t reading_flags() const { return options_.sealed ? kSealed : 0; }
  void subscribe(Millis now);
  [[gnu::noinline]] void commit_will(Millis now);
  void ask_receipt(Millis now);
  [[nodiscard]] std::uint16_t next_id();
  DeviceEvent fail(Refusal why);

  Keys& keys_;
  Random& random_;
  Ring& ring_;
  DeviceOptions options_;
  MqttClient<Link> mqtt_;
  ReadingFlow flow_;
  LoginPace pace_;
  BackOff connect_pause_;
  Rarely hints_{kSecondMs, LoginPace::kLongestPauseMs};
  Rarely held_{30 * kSecondMs, LoginPace::kLongestPauseMs};
  Rarely rekeys_{10 * kSecondMs, LoginPace::kLongestPauseMs};
  ClientName client_;
  static constexpr std::size_t kQuestionAndAnswer = kMaxQuestionBytes + kAnswerBytes;
  static constexpr std::size_t kSignedReading = kMaxReadingBytes + kMaxEnvelopeBytes;
  Bytes<std::max(kQuestionAndAnswer, kSignedReading)> out_{};
  Millis connect_at_ = 0;
  Millis login_at_ = 0;
  Millis renew_at_ = 0;
  Millis settle_at_ = 0;
  Millis asked_at_ = 0;
  Millis last_sent_ = 0;
  Millis stuck_since_ = 0;
  Millis bad_since_ = 0;
  std::uint32_t bad_tags_ = 0;
  std::uint32_t unanswered_ = 0;
  std::uint32_t proven_n_ = 0;
  std::uint32_t unasked_ = 0;
  std::size_t filters_done_ = 0;
  std::uint16_t packet_id_ = 0;
  Phase phase_ = Phase::waiting;
  Refusal fault_ = Refusal::none;
  bool resuming_ = false;
  bool proven_ = false;  // a resume proof left on this connection
  bool resume_next_ = false;
  bool in_session_ = false;
  bool enforced_ = false;
  bool settling_ = false;
  bool asked_ = false;
  bool rekey_ = false;
  bool commit_will_ = false;
};

}  // namespace countersign::mcu

#include "core/device_connection.hpp"
#include "core/device_duties.hpp"
#include "core/device_login.hpp"
#include "core/device_notices.hpp"
