#pragma once

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
/// Not thread-safe. All that is passed in outlives it. What has buffers of its own is not inlined, so
/// that they do not stand on the stack of what goes deeper.
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
    if (fault_ != Refusal::none) {
      return tell_fault();
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
  [[nodiscard]] Result<std::uint32_t> next_reading() { return keys_.next_reading(); }

  /// Keeps a reading in the ring until T has it. `number` comes from `next_reading` and is greater
  /// than those recorded before.
  /// \returns `none` once it is durable; `busy` if the ring is full; `too_large`.
  [[nodiscard]] Refusal record(std::uint32_t number, ByteView reading) {
    if (reading.size() > kMaxReadingBytes) {
      return Refusal::too_large;
    }
    return ring_.append(number, reading) ? Refusal::none : Refusal::busy;
  }

  /// Sends a reading at once, with QoS 0, and keeps nothing of it. \returns `busy` where that is
  /// not possible now: no session, no room, or older readings wait. `record` it then.
  [[nodiscard]] Refusal publish(std::uint32_t number, ByteView reading, Millis now) {
    if (!is_ready() || flow_.has_unsent()) {
      return Refusal::busy;
    }
    flow_.spent(number);
    return say(options_.topic, reading, number, reading_flags(), now) ? Refusal::none
                                                                      : Refusal::busy;
  }

  /// Signs and sends what is no reading, with QoS 0. \returns false where that is not possible now.
  [[nodiscard]] bool tell(std::string_view topic, ByteView payload, Millis now) {
    std::uint32_t number = 0;
    bool from_counter = false;
    if (!mqtt_.online() || !keys_.has_session() ||
        !flow_.control_number(keys_.upcoming(), number, from_counter)) {
      return false;
    }
    if (from_counter) {
      const auto taken = keys_.next_control(number);
      if (!taken) {
        return false;
      }
      number = *taken;
    }
    flow_.spent(number);
    return say(topic, payload, number, 0, now);
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
  enum class Phase : std::uint8_t { waiting, opening, handshaking, online };

  static constexpr Millis kAskAgainMs = 2'000;  // for a receipt that does not come
  static constexpr std::uint32_t kManyUnreceipted = 24;
  static constexpr Millis kStuckMs = 20'000;
  static constexpr std::uint32_t kAskTries = 4;
  static constexpr Millis kSecondMs = 1'000;
  static constexpr std::uint32_t kBadTagsPerSecond = 8;  // docs/protocol.md, section 1

  // ---- the connection

  DeviceEvent connect(Millis now) {
    resuming_ = resume_next_ && keys_.has_session();
    if (!resuming_ && now < login_at_) {
      connect_at_ = login_at_;
      return {};
    }
    if (resuming_) {
      client_.set(keys_.profile().identity);
    } else if (!client_.make_stranger(random_)) {
      return fail(Refusal::internal);
    }
    proven_ = false;
    phase_ = Phase::opening;
    if (!mqtt_.open(options_.broker, now)) {
      connect_later(now);
    }
    return {};
  }

  DeviceEvent introduce(Millis now) {
    ConnectPacket packet{.client_id = client_.text(),
                         .username = {},
                         .password = {},
                         .will = options_.will,
                         .keep_alive_s = options_.keep_alive_s,
                         .clean = true};
    std::array<char, kResumeTextBytes> proof;
    if (resuming_) {
      packet.username = keys_.profile().identity;
      packet.password = bytes_of(keys_.resume(client_.text(), proof));
      packet.clean = false;
      proven_ = true;
    }
    if (!mqtt_.connect(packet, now)) {
      mqtt_.close();
      return lost(now);
    }
    return {};
  }

  DeviceEvent opened(bool session_present, Millis now) {
    filters_done_ = session_present ? options_.filters.size() : 0;
    if (!resuming_) {
      phase_ = Phase::handshaking;
      pace_.start(now);
      return drive(now);
    }
    unanswered_ = 0;
    proven_n_ = keys_.resume_n();
    send_again(now);
    return go_online(now);
  }

  DeviceEvent go_online(Millis now) {
    phase_ = Phase::online;
    resume_next_ = true;
    connect_pause_.reset();
    commit_will_ = !options_.will.topic.empty();
    last_sent_ = now;
    return {.what = DeviceEvent::What::online};
  }

  /// 4 and 5: the proof was judged, and the session is not known any more (MQTT 3.1.1, 3.2.2.3).
  DeviceEvent refused(std::uint8_t code, Millis now) {
    phase_ = Phase::waiting;
    if (resuming_ && (code == 4 || code == 5)) {
      resume_next_ = false;
      connect_at_ = now + BackOff::draw(random_, options_.hint_delay);
      return {};
    }
    connect_later(now);
    return {};
  }

  DeviceEvent lost(Millis now) {
    const Phase before = phase_;
    enforced_ = false;
    if (pace_.active() && pace_.has_answer()) {
      give_up_login(now);
    }
    if (before == Phase::opening && proven_) {
      // whether the proof was judged nobody knows: n + 1, and in turn a new handshake
      resume_next_ = ++unanswered_ % 2 == 1;
    }
    connect_later(now);
    return before == Phase::online ? DeviceEvent{.what = DeviceEvent::What::offline}
                                   : DeviceEvent{};
  }

  void connect_later(Millis now) {
    phase_ = Phase::waiting;
    connect_at_ = now + connect_pause_.next(random_);
  }

  // ---- the handshake

  void give_up_login(Millis now) {
    keys_.give_up();
    login_at_ = now + pace_.failed();
  }

  /// A new handshake on the connection that is there.
  void renew(Millis now) {
    if (phase_ == Phase::online && !pace_.active() && now >= login_at_) {
      in_session_ = false;
      pace_.start(now);
    }
  }

  [[gnu::noinline]] DeviceEvent drive_login(Millis now) {
    if (pace_.late(now)) {
      give_up_login(now);
      if (phase_ == Phase::handshaking) {
        mqtt_.close();
        phase_ = Phase::waiting;
        connect_at_ = login_at_;
      }
      return {};
    }
    if (!pace_.due(now)) {
      return {};
    }
    const auto size = keys_.answered() ? keys_.answer_again(out_) : keys_.begin(out_);
    if (!size) {
      return fail(size.why());
    }
    Bytes<kAnswerBytes> answer;
    if (in_session_ && *size <= answer.size()) {
      copy(ByteView{out_}.first(*size), answer);
      static_cast<void>(tell(kAuthTopic, ByteView{answer}.first(*size), now));
    } else {
      send_plain(ByteView{out_}.first(*size), now);
    }
    pace_.sent(now);
    return {};
  }

  void send_plain(ByteView message, Millis now) {
    const PublishPacket packet{.topic = kAuthTopic, .payload = message};
    static_cast<void>(mqtt_.publish(packet, now));  // what gets lost is sent again
  }

  [[gnu::noinline]] DeviceEvent take_handshake(ByteView message, Millis now) {
    const auto step = keys_.take(message, out_);
    if (!step) {
      return step.why() == Refusal::internal ? fail(step.why()) : DeviceEvent{};
    }
    if (step->finished) {
      return finished(step->receipt, now);
    }
    if (step->answer_bytes != 0 && pace_.active()) {
      pace_.answered(now);
      send_plain(ByteView{out_}.first(step->answer_bytes), now);
    }
    return {};
  }

  /// `finished` verified: a new session, under which nothing was sent yet.
  DeviceEvent finished(const Receipt& receipt, Millis now) {
    pace_.finished();
    in_session_ = false;
    enforced_ = false;
    asked_ = false;
    login_at_ = 0;
    renew_at_ = 0;
    flow_.begin();
    const std::uint16_t old_kid = keys_.old_kid();
    // a snapshot: only what it says is there is certain
    if (old_kid != 0 && receipt.kid == old_kid && !flow_.received(receipt, true)) {
      return fail(Refusal::internal);
    }
    settling_ = true;
    settle_at_ = now;
    if ((old_kid == 0 || !flow_.has_any()) && !settled()) {
      return fail(Refusal::internal);
    }
    const bool fresh = phase_ == Phase::handshaking;
    proven_n_ = fresh ? 0 : proven_n_;
    commit_will_ = !options_.will.topic.empty();
    return fresh ? go_online(now) : DeviceEvent{};
  }

  [[nodiscard]] bool settled() {
    settling_ = !keys_.settle();
    return !settling_;
  }

  // ---- what T says

  DeviceEvent arrived(const PublishPacket& message, Millis now) {
    if (client_.is_topic(message.topic, kAuthReplyPrefix)) {
      return take_handshake(message.payload, now);
    }
    if (client_.is_topic(message.topic, kNoticePrefix)) {
      return take_notice(message, now);
    }
    return {.what = DeviceEvent::What::message, .message = message};
  }

  [[gnu::noinline]] DeviceEvent take_notice(const PublishPacket& message, Millis now) {
    if (!looks_signed(message.payload)) {
      take_hint(message.payload, now);
      return {};
    }
    if (bad_tags_ >= kBadTagsPerSecond && now - bad_since_ < kSecondMs) {
      return {};
    }
    const auto opened = keys_.open_down(message.topic, message.payload, out_);
    if (!opened) {
      count_bad_tag(opened.why(), now);
      return {};
    }
    if (const auto receipt = parse_receipt(opened->payload)) {
      return take_receipt(*receipt);
    }
    if (const auto notice = parse_notice(opened->payload)) {
      return act_on(*notice, now);
    }
    return take_other(opened->payload, now);
  }

  DeviceEvent take_other(ByteView payload, Millis now) {
    if (!payload.empty() && payload[0] == std::byte{kQuestionMark}) {
      return take_question(payload, now);
    }
    if (!payload.empty() && payload[0] == std::byte{kRekeyedMark}) {
      return take_rekeyed(payload);
    }
    return {};
  }

  [[gnu::noinline]] DeviceEvent take_rekeyed(ByteView payload) {
    const Refusal why = keys_.rekeyed(payload);
    if (why == Refusal::internal) {
      return fail(why);
    }
    rekey_ = keys_.is_rekeying();
    return {.what = why == Refusal::none ? DeviceEvent::What::rekeyed : DeviceEvent::What::none};
  }

  void count_bad_tag(Refusal why, Millis now) {
    if (why != Refusal::bad_tag) {
      return;
    }
    bad_tags_ = now - bad_since_ < kSecondMs ? bad_tags_ + 1 : 1;
    bad_since_ = bad_tags_ == 1 ? now : bad_since_;
  }

  DeviceEvent take_receipt(const Receipt& receipt) {
    if (settling_ && receipt.kid == keys_.old_kid()) {
      return flow_.received(receipt, true) && settled() ? DeviceEvent{} : fail(Refusal::internal);
    }
    if (receipt.kid == keys_.kid()) {
      asked_ = false;
      return flow_.received(receipt, false) ? DeviceEvent{} : fail(Refusal::internal);
    }
    return {};
  }

  DeviceEvent act_on(const Notice& notice, Millis now) {
    if (notice.why == Refusal::enforcement || notice.why == Refusal::expired) {
      enforced_ = notice.why == Refusal::enforcement;
      renew(now);
      if (pace_.active() && keys_.profile().method == Method::mfar) {
        in_session_ = notice.why == Refusal::enforcement;  // T asks by itself
      }
    }
    const bool gone = flow_.noticed(notice);
    return {.what = gone ? DeviceEvent::What::discarded : DeviceEvent::What::notice,
            .notice = notice};
  }

  /// T's demand inside the session, which answers it.
  [[gnu::noinline]] DeviceEvent take_question(ByteView q, Millis now) {
    Bytes<kAnswerBytes> answer;
    const auto step = keys_.take(q, answer);
    if (!step || step->answer_bytes == 0) {
      return {};
    }
    if (!pace_.active()) {
      pace_.start(now);
    }
    in_session_ = true;
    enforced_ = true;
    pace_.answered(now);
    static_cast<void>(tell(kAuthTopic, answer, now));
    return {};
  }

  /// Nobody signed this, so it may start one handshake, later and ever more rarely, and no more.
  void take_hint(ByteView payload, Millis now) {
    const auto hint = parse_notice(payload);
    if (hint && (hint->why == Refusal::enforcement || hint->why == Refusal::unknown_kid) &&
        renew_at_ == 0 && phase_ == Phase::online && hints_.may(now)) {
      renew_at_ = now + BackOff::draw(random_, options_.hint_delay);
    }
  }

  // ---- what is to be done without being asked

  DeviceEvent drive(Millis now) {
    const DeviceEvent event = pace_.active() ? drive_login(now) : DeviceEvent{};
    // T takes nothing until what it demanded is done
    if (phase_ != Phase::online || enforced_ || event.what != DeviceEvent::What::none) {
      return event;
    }
    return attend(now);
  }

  [[gnu::noinline]] DeviceEvent attend(Millis now) {
    if (renew_at_ != 0 && now >= renew_at_) {
      renew_at_ = 0;
      renew(now);
    }
    if (settling_) {
      settle(now);
      return {};
    }
    send_waiting(now);
    subscribe(now);
    commit_will(now);
    ask_receipt(now);
    return ask_rekey(now);
  }

  DeviceEvent ask_rekey(Millis now) {
    if (!(rekey_ || keys_.is_rekeying()) || !rekeys_.may(now)) {
      return {};
    }
    Bytes<kRekeyBytes> message;
    const auto size = keys_.rekey(message);
    if (!size) {
      return fail(size.why());
    }
    static_cast<void>(tell(kAuthTopic, message, now));
    return {};
  }

  /// The first message under a new kid asks what became of the readings of the old one.
  void settle(Millis now) {
    if (now < settle_at_) {
      return;
    }
    settle_at_ = now + kAskAgainMs;
    if (!request_receipt(keys_.old_kid(), now) && ++unasked_ > kAskTries) {
      unasked_ = 0;
      renew(now);  // no number is left before the oldest reading
    }
  }

  [[gnu::noinline]] bool request_receipt(std::uint16_t kid, Millis now) {
    Bytes<kReceiptRequestBytes> request;
    Writer writer{request};
    write_receipt_request(kid, writer);
    return tell(kAuthTopic, request, now);
  }

  void send_waiting(Millis now) {
    Waiting reading;
    while (flow_.next(reading)) {
      const std::uint16_t id = next_id();
      if (!send_reading(reading, id, false, now)) {
        return;
      }
      flow_.sent(reading, id);
      last_sent_ = now;
    }
  }

  /// A connection took the place of one that broke: what was not acknowledged goes once more.
  void send_again(Millis now) {
    const auto under_way = flow_.in_flight();  // acknowledging changes it
    for (const InFlight& one : under_way) {
      if (one.id != 0 && !send_reading(one.reading, one.id, true, now)) {
        flow_.acknowledged(one.id);  // T has it, or says so in its receipt
      }
    }
  }

  bool send_reading(const Waiting& reading, std::uint16_t id, bool again, Millis now) {
    Bytes<kMaxReadingBytes> payload;
    const MutableBytes body = MutableBytes{payload}.first(reading.size);
    if (!ring_.read(reading, body)) {
      return false;
    }
    const auto signed_reading = keys_.sign(
        {.seq = reading.number, .flags = reading_flags(), .topic = options_.topic, .payload = body},
        out_);
    return signed_reading && mqtt_.publish({.topic = options_.topic,
                                            .payload = *signed_reading,
                                            .qos = 1,
                                            .again = again,
                                            .id = id},
                                           now);
  }

  bool say(std::string_view topic, ByteView payload, std::uint32_t number, std::uint8_t flags,
           Millis now) {
    const auto signed_message =
        keys_.sign({.seq = number, .flags = flags, .topic = topic, .payload = payload}, out_);
    return signed_message && mqtt_.publish({.topic = topic, .payload = *signed_message}, now);
  }

  [[nodiscard]] std::uint8_t reading_flags() const { return options_.sealed ? kSealed : 0; }

  void subscribe(Millis now) {
    while (filters_done_ < options_.filters.size() && filters_done_ < kMaxFilters) {
      if (!mqtt_.subscribe(next_id(), options_.filters[filters_done_], 1, now)) {
        return;
      }
      ++filters_done_;
    }
  }

  [[gnu::noinline]] void commit_will(Millis now) {
    if (!commit_will_) {
      return;
    }
    const MqttWill& will = options_.will;
    WillCommitment commitment{.n = proven_n_, .digest = {}};
    const bool made = keys_.digest_will({.client_id = client_.text(),
                                         .context = {.topic = bytes_of(will.topic), .props = {}},
                                         .payload = will.payload,
                                         .qos = will.qos,
                                         .retain = will.retain},
                                        commitment.digest);
    Bytes<kWillCommitmentBytes> message;
    Writer writer{message};
    write_will_commitment(commitment, writer);
    commit_will_ = !(made && tell(kAuthTopic, message, now));
  }

  void ask_receipt(Millis now) {
    if (flow_.unreceipted() == 0) {
      stuck_since_ = now;
    } else if (now - stuck_since_ >= kStuckMs && now - last_sent_ >= kStuckMs) {
      renew(now);
      return;
    }
    const bool many = flow_.unreceipted() >= kManyUnreceipted;
    const bool old = flow_.unreceipted() != 0 && now - last_sent_ >= options_.receipt_after;
    const bool may_ask = !asked_ || now - asked_at_ >= kSecondMs;
    if ((many || old) && may_ask && request_receipt(keys_.kid(), now)) {
      asked_ = true;
      asked_at_ = now;
    }
    // what T did not take waits for the next session; with nothing else to do, that is now
    if (flow_.held() != 0 && flow_.unreceipted() == 0 && !flow_.has_unsent() && held_.may(now)) {
      renew(now);
    }
  }

  [[nodiscard]] std::uint16_t next_id() {
    do {
      ++packet_id_;
    } while (packet_id_ == 0 || flow_.knows(packet_id_));
    return packet_id_;
  }

  /// Fail closed: without flash or entropy nothing is signed. Whoever runs the device decides.
  DeviceEvent fail(Refusal why) {
    mqtt_.close();
    fault_ = why;
    return tell_fault();
  }
  [[nodiscard]] DeviceEvent tell_fault() const {
    return {.what = DeviceEvent::What::fault, .fault = fault_};
  }

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
  Bytes<kMaxReadingBytes + kMaxEnvelopeBytes> out_{};
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
