#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/mqtt_packets.hpp"
#include "countersign/mfar.hpp"
#include "countersign/rekey.hpp"
#include "countersign/resume.hpp"
#include "countersign/topics.hpp"
#include "unit/mcu/plain_vault.hpp"
#include "unit/mcu/scripted_link.hpp"
#include "unit/octets.hpp"
#include "unit/scripted_random.hpp"
#include "vault/vault.hpp"

namespace countersign::mcu::test {

using countersign::test::Octets;
using countersign::test::octets;
using countersign::test::PlainKeys;
using countersign::test::PlainMac;
using countersign::test::PlainNumbers;
using countersign::test::SeededRandom;

[[nodiscard]] inline const Crypto& crypto() { return countersign::test::plain_crypto(); }

/// A CONNECT that a device sent.
struct Connected {
  std::string client_id;
  std::string username;
  std::string password;
  std::string will_topic;
  std::uint16_t keep_alive_s = 0;
  bool clean = false;
};

/// A message of a device's session, verified and opened.
struct Said {
  std::uint16_t kid = 0;
  std::uint32_t seq = 0;
  std::string topic;
  Octets payload;
  std::uint8_t qos = 0;
  bool again = false;
  std::uint16_t id = 0;

  [[nodiscard]] bool is(std::uint8_t mark) const {
    return topic == kAuthTopic && !payload.empty() && payload[0] == std::byte{mark};
  }
};

/// T and the broker before it, on the other side of a `ScriptedLink`: reads what the device sends,
/// and answers as it is told to. What no device may send, it notes as odd.
class ScriptedT {
 public:
  ScriptedT(ScriptedLink& link, const Key32& key, RegistrationFields registered)
      : k{key}, link_{link}, fields_{registered} {}

  // what it does of itself
  bool answers_connect = true;
  bool answers_logins = true;
  bool acknowledges = true;
  bool gives_receipts = true;
  bool answers_pings = true;
  bool accepts = true;          ///< else every reading is lost on it
  bool remembers = true;        ///< `finished` speaks of the session before
  std::uint8_t connack = 0;     ///< its code
  bool session_present = true;  ///< after a resume

  // what it saw
  std::vector<Connected> connects;
  std::vector<Octets> plain;  ///< messages of handshakes outside a session
  std::vector<Said> said;
  std::vector<std::string> subscribed;
  std::vector<std::string> odd;
  std::set<std::uint32_t> released;  ///< numbers that it has, or will never take, and said so
  std::size_t pings = 0;
  Key32 k;  ///< of the device

  /// Reads all that came, and answers.
  void attend() {
    const Octets stream = link_.take();
    if (holds(stream, k) || holds(stream, sk_)) {
      odd.emplace_back("a key in the clear");
    }
    Reader in{stream};
    while (in.ok() && !in.done()) {
      const auto first = in.be<std::uint8_t>();
      const ByteView body = in.take(in.vbi());
      if (in.ok()) {
        take({.first = first, .body = body});
      }
    }
    note(in.ok(), "half a packet");
  }

  /// Every session is gone, as after a restart.
  void forget() {
    for (auto& [kid, session] : sessions_) {
      session.gone = true;
    }
  }

  void publish(std::string_view topic, ByteView payload, std::uint16_t id = 0) {
    Bytes<256> head{};
    Writer out{head};
    write_publish_head({.topic = topic,
                        .payload = payload,
                        .qos = static_cast<std::uint8_t>(id == 0 ? 0 : 1),
                        .id = id},
                       out);
    feed(out.written());
    feed(payload);
  }
  /// What anybody could say in T's place.
  void publish_unsigned(std::string_view prefix, ByteView payload, std::uint16_t id = 0) {
    publish(std::string{prefix} + client_, payload, id);
  }
  /// Signed, or sealed, under the session.
  void tell(ByteView payload, bool sealed = false) {
    release(payload);
    const auto found = sessions_.find(kid_);
    const std::string topic = std::string{kNoticePrefix} + client_;
    Octets wire(payload.size() + kMaxEnvelopeBytes);
    const Header header{.flags = sealed ? kSealed : std::uint8_t{0},
                        .kid = kid_,
                        .seq = down_seq_++,
                        .card_counter = 0};
    if (found != sessions_.end()) {
      const auto written = write_envelope(crypto(), found->second.down, header,
                                          {.topic = bytes_of(topic), .props = {}}, payload, wire);
      written ? publish(topic, *written) : note(false, "T cannot sign");
    }
  }
  void notice(Refusal why, std::uint32_t seq) {
    Bytes<kMaxNoticeBytes> payload{};
    Writer out{payload};
    write_notice({why, seq}, out);
    tell(out.written());
  }
  /// A notice that nobody signed.
  void hint(Refusal why) {
    Bytes<kMaxNoticeBytes> payload{};
    Writer out{payload};
    write_notice({why, 0}, out);
    publish_unsigned(kNoticePrefix, out.written());
  }
  void receipt(const Receipt& receipt) {
    Bytes<kReceiptBytes> payload{};
    Writer out{payload};
    write_receipt(receipt, out);
    tell(payload);
  }
  /// Asks for another login, in the session: by MFA_R's question.
  void demand() {
    mfar_.emplace();
    const auto q = ask(*mfar_);
    tell(q);
  }
  /// A question, of `from` or of anybody.
  [[nodiscard]] Octets ask(MfarResponder& from) {
    const auto q = from.ask(crypto(), random_, Suite::symmetric, {}, next_kid(), "uuid;flip");
    return q ? octets(*q) : Octets{};
  }

  [[nodiscard]] std::uint16_t kid() const { return kid_; }
  [[nodiscard]] const std::string& client() const { return client_; }
  /// What `kid` tells of its session.
  [[nodiscard]] Receipt receipt_of(std::uint16_t kid) const {
    const auto found = sessions_.find(kid);
    return {kid, found != sessions_.end() && !found->second.gone ? found->second.accepted
                                                                 : Acceptance{}};
  }
  /// The readings that came, in their order, each once.
  [[nodiscard]] std::vector<std::uint32_t> readings() const {
    std::vector<std::uint32_t> out;
    for (const Said& one : said) {
      if (one.topic.starts_with("sensor/") && std::ranges::find(out, one.seq) == out.end()) {
        out.push_back(one.seq);
      }
    }
    return out;
  }
  [[nodiscard]] std::size_t count(std::uint8_t mark) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(said, [&](const Said& one) { return one.is(mark); }));
  }

 private:
  struct Session {
    Key32 sk;
    DirectionKey up;
    DirectionKey down;
    Acceptance accepted;
    std::uint32_t n = 0;
    bool gone = false;
  };

  static bool holds(const Octets& bytes, const Key32& key) {
    const auto secret = key.bytes();
    return std::search(bytes.begin(), bytes.end(), secret.begin(), secret.end()) != bytes.end();
  }
  void note(bool holds, const char* what) {
    if (!holds) {
      odd.emplace_back(what);
    }
  }
  void release(const Receipt& receipt) {
    const std::uint32_t edge = receipt.accepted.edge;
    for (std::uint32_t back = 1; back <= 64 && back <= edge; ++back) {
      if (receipt.accepted.holds(edge - back)) {
        released.insert(edge - back);
      }
    }
  }
  void release(ByteView payload) {
    if (const auto receipt = parse_receipt(payload)) {
      release(*receipt);
    } else if (const auto notice = parse_notice(payload)) {
      released.insert(notice->seq);
    }
  }
  void feed(ByteView bytes) {
    if (link_.state() == LinkState::open) {
      link_.feed(bytes);
    }
  }
  template <std::size_t N>
  void feed(const std::array<std::uint8_t, N>& packet) {
    feed(std::as_bytes(std::span{packet}));
  }
  [[nodiscard]] std::uint16_t next_kid() {
    return last_kid_ = static_cast<std::uint16_t>(1 + last_kid_ % kMaxKid);
  }

  void take(const RawPacket& packet) {
    const bool fresh = connection_ != link_.opened;
    note(fresh == (packet.type() == PacketType::connect), "CONNECT is not the first packet");
    switch (packet.first) {
      case 0x10:
        return take_connect(packet.body);
      case 0x82:
        return take_subscribe(packet.body);
      case 0x40:
        return note(packet.body.size() == 2, "PUBACK");
      case 0xC0:
        return take_ping(packet.body);
      case 0xE0:
        return note(packet.body.empty(), "DISCONNECT");
      default:
        return take_publish(packet);
    }
  }

  void take_connect(ByteView body) {
    connection_ = link_.opened;
    Connected one;
    Reader in{body};
    const bool is_mqtt = text_of(in.s16()) == "MQTT" && in.be<std::uint8_t>() == 4;
    const auto flags = in.be<std::uint8_t>();
    one.clean = (flags & 0x02U) != 0;
    one.keep_alive_s = in.be<std::uint16_t>();
    one.client_id = text_of(in.s16());
    if ((flags & 0x04U) != 0) {
      one.will_topic = text_of(in.s16());
      static_cast<void>(in.s16());
    }
    one.username = (flags & 0x80U) != 0 ? text_of(in.s16()) : "";
    one.password = (flags & 0x40U) != 0 ? text_of(in.s16()) : "";
    note(is_mqtt && in.done() && (flags & 0x01U) == 0 && !one.client_id.empty(), "CONNECT");
    client_ = one.client_id;
    connects.push_back(one);
    answer_connect(one);
  }

  void answer_connect(const Connected& one) {
    std::uint8_t code = connack;
    const bool resumes = !one.password.empty();
    if (code == 0 && resumes && !is_proof(one)) {
      code = 5;
    }
    const bool present = code == 0 && resumes && session_present;
    if (answers_connect) {
      feed(std::array<std::uint8_t, 4>{0x20, 2, present ? std::uint8_t{1} : std::uint8_t{0}, code});
    }
  }

  [[nodiscard]] bool is_proof(const Connected& one) {
    const auto proof = parse_resume_proof(one.password);
    const auto found = proof ? sessions_.find(proof->kid) : sessions_.end();
    note(proof.operator bool(), "a password that is no proof");
    if (found == sessions_.end()) {
      return false;
    }
    Session& session = found->second;
    const bool good =
        verify_resume_proof(crypto(), session.sk, *proof, one.client_id) == Refusal::none;
    note(good && proof->n > session.n, "a proof that is none");
    session.n = proof->n;
    kid_ = session.gone ? kid_ : found->first;
    return !session.gone;
  }

  void take_subscribe(ByteView body) {
    Reader in{body};
    const auto id = in.be<std::uint16_t>();
    subscribed.emplace_back(text_of(in.s16()));
    const auto qos = in.be<std::uint8_t>();
    note(in.done() && id != 0 && qos <= 1, "SUBSCRIBE");
    feed(std::array<std::uint8_t, 5>{0x90, 3, high(id), low(id), qos});
  }

  void take_ping(ByteView body) {
    note(body.empty(), "PINGREQ");
    ++pings;
    if (answers_pings) {
      feed(std::array<std::uint8_t, 2>{0xD0, 0});
    }
  }

  void take_publish(const RawPacket& packet) {
    const auto message = parse_publish(packet);
    if (!message || message->retain || (message->again && message->qos == 0)) {
      return note(false, "PUBLISH");
    }
    if (message->qos == 1 && acknowledges) {
      feed(std::array<std::uint8_t, 4>{0x40, 2, high(message->id), low(message->id)});
    }
    if (looks_signed(message->payload)) {
      return take_signed(*message);
    }
    note(message->topic == kAuthTopic, "unsigned");
    plain.push_back(octets(message->payload));
    if (answers_logins) {
      take_handshake(message->payload);
    }
  }

  void take_signed(const PublishPacket& message) {
    const auto claim = parse_envelope(message.payload);
    const auto found = claim ? sessions_.find(claim->header.kid) : sessions_.end();
    if (found == sessions_.end()) {
      return note(false, "a kid that nobody gave");
    }
    const MessageContext context{.topic = bytes_of(message.topic), .props = {}};
    Octets plain_text = octets(claim->body);
    const Session& session = found->second;
    const Refusal why = claim->header.sealed()
                            ? open_envelope(crypto(), session.up, *claim, context, plain_text)
                            : verify(HeldKey{crypto(), session.up.mac}, *claim, context);
    note(why == Refusal::none, "a tag that is wrong");
    // a number has one message, ever
    const Octets whole =
        countersign::test::operator+(octets(bytes_of(message.topic)), message.payload);
    const auto [first, fresh] = numbers_.try_emplace({found->first, claim->header.seq}, whole);
    note(fresh || first->second == whole, "two messages with one number");
    said.push_back({.kid = found->first,
                    .seq = claim->header.seq,
                    .topic = std::string{message.topic},
                    .payload = plain_text,
                    .qos = message.qos,
                    .again = message.again,
                    .id = message.id});
    if (!found->second.gone) {
      heard(found->second, said.back());
    }
  }

  void heard(Session& session, const Said& one) {
    if (accepts) {
      session.accepted.add(one.seq);
    }
    const auto wanted = parse_receipt_request(one.payload);
    if (one.topic == kAuthTopic && wanted && gives_receipts) {
      receipt(receipt_of(*wanted));
    } else if (one.is(kAnswerMark) && answers_logins) {
      take_handshake(Octets{one.payload});
    } else if (one.is(kRekeyMark)) {
      take_rekey(session, Octets{one.payload});
    }
  }

  void take_rekey(const Session& session, const Octets& message) {
    Key32 next;
    if (next_key(crypto(), HeldKey{crypto(), k}, session.sk, next) &&
        check_rekey(HeldKey{crypto(), next}, kRekeyMark, message) == Refusal::none) {
      k = next;
    }
    Bytes<kRekeyBytes> answer{};
    note(write_rekey(HeldKey{crypto(), k}, kRekeyedMark, answer), "T cannot answer");
    tell(answer);
  }

  void take_handshake(ByteView message) {
    switch (message.empty() ? 0 : std::to_integer<std::uint8_t>(message[0])) {
      case kFirstMark:
        return take_first(message);
      case kThirdMark:
        return aplus_ && aplus_->accept(crypto(), message) == Refusal::none ? finish(*aplus_)
                                                                            : void();
      case kPasswordMark:
        return take_password(message);
      case kAnswerMark:
        return mfar_ && mfar_->accept(crypto(), k, fields_, message) == Refusal::none
                   ? finish(*mfar_)
                   : void();
      default:
        return note(false, "a handshake's message");
    }
  }

  void take_first(ByteView m1) {
    if (first_ != octets(m1)) {
      const auto first = parse_first(m1);
      aplus_.emplace();
      if (!first || aplus_->open(crypto(), k, *first) != Refusal::none) {
        aplus_.reset();
        return;
      }
      first_ = octets(m1);
    }
    const auto m2 =
        aplus_->answer(crypto(), random_, {}, aplus_->second().empty() ? next_kid() : kid_);
    publish_unsigned(kAuthReplyPrefix, *m2);
  }

  void take_password(ByteView message) {
    note(parse_password_claim(message).operator bool(), "step 1");
    mfar_.emplace();
    publish_unsigned(kAuthReplyPrefix, ask(*mfar_));
  }

  template <class Responder>
  void finish(Responder& responder) {
    const Receipt receipt = remembers && kid_ != 0 ? receipt_of(kid_) : Receipt{};
    release(receipt);
    const auto finished = responder.finish(crypto(), receipt);
    const Agreement& agreement = responder.agreement();
    if (!sessions_.contains(agreement.kid)) {
      Session& session = sessions_[agreement.kid];
      session.sk = sk_ = agreement.sk;
      note(derive(crypto(), session.sk, Direction::up, session.up) &&
               derive(crypto(), session.sk, Direction::down, session.down),
           "T cannot derive");
      kid_ = agreement.kid;
      down_seq_ = 0;
    }
    publish_unsigned(kAuthReplyPrefix, *finished);
  }

  static std::uint8_t high(std::uint16_t id) { return static_cast<std::uint8_t>(id >> 8U); }
  static std::uint8_t low(std::uint16_t id) { return static_cast<std::uint8_t>(id & 0xFFU); }

  ScriptedLink& link_;
  RegistrationFields fields_;
  SeededRandom random_{7};
  std::optional<AplusResponder> aplus_;
  std::optional<MfarResponder> mfar_;
  Octets first_;
  std::map<std::uint16_t, Session> sessions_;
  std::map<std::pair<std::uint16_t, std::uint32_t>, Octets> numbers_;
  std::string client_;
  Key32 sk_{k};  // of the latest session
  std::size_t connection_ = 0;
  std::uint32_t down_seq_ = 0;
  std::uint16_t kid_ = 0;
  std::uint16_t last_kid_ = 0;
};

}  // namespace countersign::mcu::test
