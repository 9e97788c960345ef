"""T's side of a connection in memory, for tests of the client's side without a broker."""

import collections
import json
import os

from countersign_tests import envelope as e
from countersign_tests import handshake as h
from countersign_tests import mqtt
from countersign_tests import primitives as p
from countersign_tests import session as s
from countersign_tests.mqtt_packets import Message


class Loopback:
    """Has the part of `mqtt.Client` that `Device` uses; `lose` names messages (m1 …) dropped once."""

    def __init__(self, k, server_id, client_id, lose=()):
        self.k, self.server_id, self.client_id = k, server_id, client_id
        self.lose = list(lose)
        self.queue = collections.deque()
        self.answers = {}
        self.side = self.session = None
        self.down_seq = 0
        self.accepted = set()
        self.published = []
        self.reply_tail = ""

    def publish(self, topic, payload, **_):
        self.published.append((topic, payload))
        if topic == s.AUTH_TOPIC and payload[0] == s.RELAYED:
            identity, payload = s.parse_relayed(payload)
            self.reply_tail = f"/{identity}"
        if topic == s.AUTH_TOPIC and payload[0] in (h.M1, h.M3):
            self.shake(payload)
        elif topic == s.AUTH_TOPIC:
            self.serve_request(topic, payload)
        elif topic == s.ADMIN_TOPIC:
            self.serve_commands(topic, payload)
        return 0

    def shake(self, wire):
        name = {h.M1: "m1", h.M3: "m3"}[wire[0]]
        if name in self.lose:
            return self.lose.remove(name)
        if wire not in self.answers:
            self.answers[wire] = self.answer_m1(wire) if name == "m1" else self.answer_m3(wire)
        reply = {"m1": "m2", "m3": "finished"}[name]
        if reply in self.lose:
            return self.lose.remove(reply)
        self.deliver(s.auth_reply_topic(self.client_id) + self.reply_tail, self.answers[wire])

    def answer_m1(self, wire):
        self.side = h.ServerSide(wire, self.k, self.server_id)
        kid = 1 + (self.session.kid if self.session else 0)
        return self.side.answer(r2=os.urandom(16), n2_secret=os.urandom(32), auth_code=os.urandom(16), kid=kid)

    def answer_m3(self, wire):
        self.session = self.side.accept(wire)
        return self.side.finished()

    def open_up(self, topic, wire):
        claim = e.parse_payload(wire)
        payload = e.open_claim(self.session.up, claim, topic, b"", e.card_keys(self.k, self.session.sk))
        self.accepted.add(claim.header.seq)
        return payload

    def serve_request(self, topic, wire):
        payload = self.open_up(topic, wire)
        if payload[0] == s.RECEIPT_REQUEST:
            receipt = s.Receipt.of(self.session.kid, self.accepted)
            self.notify(s.receipt_payload(receipt))

    def serve_commands(self, topic, wire):
        commands = json.loads(self.open_up(topic, wire))["commands"]
        responses = [self.respond(command) for command in commands]
        reply = json.dumps({"responses": responses}).encode()
        self.down(s.admin_reply_topic(self.client_id), reply, e.SEALED)

    def respond(self, command):
        answer = {"command": command["command"], "correlationData": command["correlationData"]}
        return answer | ({"error": "Unknown command"} if command["command"] == "nonsense" else {"data": command})

    def notify(self, payload):
        self.down(s.notice_topic(self.client_id), payload)

    def down(self, topic, payload, flags=0):
        self.down_seq += 1
        claim = e.seal_claim(self.session.down, e.Header(flags, self.session.kid, self.down_seq), topic, b"", payload)
        self.deliver(topic, e.as_payload(claim))

    def deliver(self, topic, payload):
        self.queue.append(Message(topic, payload, 0, False, False, None, {}))

    def receive(self, timeout=None, topic=None):
        for message in self.queue:
            if topic in (None, message.topic):
                self.queue.remove(message)
                return message
        raise mqtt.TimedOut(topic)
