#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "countersign/client/session/core.hpp"
#include "countersign/client/session/topics.hpp"
#include "countersign/resume.hpp"
#include "countersign/will.hpp"
#include "openssl/crypto.hpp"
#include "unit/octets.hpp"
#include "unit/scripted_random.hpp"

namespace countersign::client::test {

using countersign::test::Octets;
using countersign::test::octets;

/// A connection that delivers nothing by itself: what the client did is kept for the test to see.
class RecordingLink final : public Link {
 public:
  void open(const ConnectRequest& request) override { opens.push_back(request); }
  void send(Ticket ticket, const Outgoing& message) override { sent.emplace_back(ticket, message); }
  void subscribe(Ticket, const std::string& filter, std::uint8_t) override {
    subscribed.push_back(filter);
  }
  void unsubscribe(Ticket, const std::string&) override {}
  void close() override { ++closes; }

  std::vector<ConnectRequest> opens;
  std::vector<std::pair<Ticket, Outgoing>> sent;
  std::vector<std::string> subscribed;
  int closes = 0;
};

/// k in memory, with its epoch.
class OpenKey final : public KeySource {
 public:
  const Identity& identity() const override { return identity_; }
  Outcome<HandshakeKey> next_handshake_key(std::string_view server_id) override {
    HandshakeKey key{.epoch = ++epoch, .r1 = {}, .hk = {}};
    key.r1.fill(std::byte{9});
    static_cast<void>(derive_handshake_key(crypto_, k, "mote-3", server_id, key));
    return key;
  }

  Key32 k;
  std::uint32_t epoch = 0;

 private:
  Identity identity_{"mote-3"};
  openssl::OpenSslCrypto crypto_;
};

/// The core, T's half of the protocol, and a clock that a test turns.
struct CoreScene {
  explicit CoreScene(Options with = {}) : options{std::move(with)} {
    options.server_id = "plant-a";
    EXPECT_TRUE(random.fill(key.k.fill()));
  }

  virtual ~CoreScene() = default;
  /// Whose login it is.
  virtual KeySource& source() { return key; }

  void start() {
    core = std::make_unique<Core>(options, source(), observer, link, crypto, random);
    core->log_in([this](const auto& outcome) { logins.push_back(outcome); }, now);
  }

  void pass(Millis time) {
    now += time;
    core->tick(now);
  }

  void tell(const LinkEvent& event) {
    core->take(event, now);
    core->tick(now);
  }

  [[nodiscard]] const std::string& client_id() const { return link.opens.back().client_id; }

  void arrive(const std::string& topic, ByteView payload) {
    Arrived event;
    event.message.topic = topic;
    event.message.payload = octets(payload);
    tell(event);
  }
  void answer(ByteView message) { arrive(auth_reply_topic(client_id()), message); }

  /// Everything sent on the handshake topic that is no envelope.
  [[nodiscard]] std::vector<Octets> handshake_messages() const {
    std::vector<Octets> out;
    for (const auto& [ticket, message] : link.sent) {
      if (message.topic == kAuthTopic && !looks_signed(message.payload)) {
        out.push_back(message.payload);
      }
    }
    return out;
  }

  /// T answers the last m1, then the m3 that follows, under `kid`.
  void shake_hands(std::uint16_t kid) {
    server = std::make_unique<AplusResponder>();
    const Octets m1 = handshake_messages().back();
    ASSERT_TRUE(parse_first(m1));
    ASSERT_EQ(server->open(crypto, key.k, *parse_first(m1)), Refusal::none);
    answer(*server->answer(crypto, random, AuthCode{}, kid));
    ASSERT_EQ(server->accept(crypto, handshake_messages().back()), Refusal::none);
    answer(*server->finish(crypto, {}));
    ASSERT_TRUE(derive(crypto, server->agreement().sk, Direction::down, down));
    down_kid = kid;
  }

  /// Connected, shaken hands, online.
  void log_in(std::uint16_t kid = 1) {
    start();
    tell(Opened{});
    shake_hands(kid);
  }

  void notice(Refusal why, std::uint32_t seq) {
    Bytes<kMaxNoticeBytes> room;
    Writer out{room};
    write_notice({why, seq}, out);
    arrive(notice_topic(client_id()), sign(out.written()));
  }
  void hint(Refusal why) {
    Bytes<kMaxNoticeBytes> room;
    Writer out{room};
    write_notice({why, 1}, out);
    arrive(notice_topic(client_id()), out.written());
  }
  void receipt(std::uint16_t kid, std::initializer_list<std::uint32_t> seqs) {
    Receipt what{.kid = kid, .accepted = {}};
    for (const std::uint32_t seq : seqs) {
      what.accepted.add(seq);
    }
    Bytes<kReceiptBytes> room;
    Writer out{room};
    write_receipt(what, out);
    arrive(notice_topic(client_id()), sign(out.written()));
  }

  Octets sign(ByteView payload) {
    Octets room(payload.size() + kMaxEnvelopeBytes);
    const std::string topic = notice_topic(client_id());
    const Header header{.flags = 0, .kid = down_kid, .seq = ++down_seq};
    return octets(*write_envelope(crypto, down, header, {bytes_of(topic), {}}, payload, room));
  }

  void publish(const std::string& text, PublishOptions how = {}) {
    Letter letter;
    letter.topic = "t";
    letter.payload = octets(text);
    letter.options = std::move(how);
    letter.done = [this](const auto& outcome) { published.push_back(outcome); };
    core->publish(std::move(letter), now);
    core->tick(now);
  }

  /// What was sent on topic `t` and the kid and seq it claims, last first.
  [[nodiscard]] Header last_header() const {
    for (auto entry = link.sent.rbegin(); entry != link.sent.rend(); ++entry) {
      if (entry->second.topic == "t") {
        return parse_envelope(entry->second.payload)->header;
      }
    }
    return {};
  }

  Options options;
  openssl::OpenSslCrypto crypto;
  countersign::test::SeededRandom random;
  OpenKey key;
  Observer observer;
  RecordingLink link;
  Millis now = 1'000'000;
  std::vector<Outcome<SessionInfo>> logins;
  std::vector<Outcome<Published>> published;
  std::unique_ptr<AplusResponder> server;
  DirectionKey down;
  std::uint16_t down_kid = 0;
  std::uint32_t down_seq = 0;
  std::unique_ptr<Core> core;
};

}  // namespace countersign::client::test
