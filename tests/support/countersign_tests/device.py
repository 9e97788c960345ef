"""A device as the specification describes it: logs in, signs, resumes, commits wills, asks for receipts.

`Device` keeps what a real one keeps (key, epoch, session) and lets a test do each step by itself, also
wrongly: everything sent is returned as `Sent` and can be sent again by anybody.
"""

import os
import secrets
from dataclasses import dataclass

from . import envelope as e
from . import handshake as h
from . import mqtt
from . import primitives as p
from . import session as s

SIGNED_PROPERTIES = ("payload_format", "content_type", "response_topic", "correlation_data")
CLIENT_ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def auth0_client_id():
    return "~" + "".join(secrets.choice(CLIENT_ID_ALPHABET) for _ in range(22))


def signed_props(properties):
    """The part of MQTT 5 properties that the tag covers, as bytes."""
    return e.encode_props(**{name: (properties or {}).get(name) for name in SIGNED_PROPERTIES})


class SoftwareKey:
    """k in memory, with its epoch and the counter of a card's checksums.

    A card's object has the same two methods and nothing else is asked of it.
    """

    def __init__(self, k, epoch=0, counter=0):
        self.k, self.epoch, self.counter = k, epoch, counter

    def handshake_key(self, identity, server_id):
        """(epoch, r1, hk) for one m1. Raises `OverflowError` at the last epoch."""
        if self.epoch >= p.MAX_EPOCH:
            raise OverflowError("the key's last epoch is spent")
        self.epoch += 1
        r1 = os.urandom(h.R_BYTES)
        return self.epoch, r1, h.handshake_key(self.k, identity, server_id, self.epoch, r1)

    def checksum(self, digest):
        """(counter, tag) of COMPUTE CRYPTOGRAPHIC CHECKSUM."""
        self.counter += 1
        return self.counter, e.card_checksum(p.expand(self.k, "card cc"), self.counter, digest)


@dataclass
class Sent:
    """One publish as it left, and the broker's reason code."""

    topic: str
    payload: bytes
    properties: dict
    qos: int
    retain: bool
    seq: int
    code: int = 0

    def send_from(self, connection, **changes):
        """Publishes the same bytes from any connection; `changes` replace topic, payload, qos …"""
        arguments = {"topic": self.topic, "payload": self.payload, "qos": self.qos, "retain": self.retain,
                     "properties": self.properties} | changes
        return connection.publish(arguments.pop("topic"), arguments.pop("payload"), **arguments)


class Device:
    """`key` is 32 bytes or an object like `SoftwareKey`; `port` that of the broker."""

    def __init__(
        self, identity, key, server_id, suite=h.SUITE_DH, epoch=0, *, port=None, version=mqtt.V311, tls=None,
        timeout=5.0, source=None,
    ):
        self.identity, self.server_id, self.suite = identity, server_id, suite
        self.key = SoftwareKey(key, epoch) if isinstance(key, bytes) else key
        self.port, self.version, self.tls, self.timeout, self.source = port, version, tls, timeout, source
        self.connection = None
        self.relayed = False
        self.session = self.previous_session = None
        self.resume_n = 0
        self.pending = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # connections

    def open(self):
        """A new TCP connection, nothing sent yet; the old one is left open and returned by `connection`."""
        self.relayed = False
        self.connection = mqtt.Client(
            self.port, version=self.version, tls=self.tls, timeout=self.timeout, source=self.source)
        return self.connection

    def connect_auth0(self, **connect):
        """A connection that may do nothing but shake hands."""
        self.resume_n = 0
        return self.open().connect(auth0_client_id(), **connect)

    def resume(self, suffix="", **connect):
        """Connects as this identity with a proof of the live session. The CONNACK."""
        client_id = self.identity + (f"~{suffix}" if suffix else "")
        password = self.session.next_resume_password(client_id)
        self.resume_n = self.session.n
        return self.open().connect(client_id, username=self.identity, password=password, **connect)

    def use_relay(self, connection):
        """From now on everything travels over the relay's connection."""
        self.connection, self.relayed, self.resume_n = connection, True, 0

    def close(self):
        """An orderly end of the connection; session and key stay."""
        if self.connection:
            self.connection.disconnect()

    @property
    def client_id(self):
        return self.connection.client_id

    @property
    def auth_reply_topic(self):
        tail = f"/{self.identity}" if self.relayed else ""
        return s.auth_reply_topic(self.client_id) + tail

    # handshake

    def login(self, **connect):
        """AUTH0 connection and handshake; the connection is raised. (Session, Receipt) as `handshake`."""
        self.connect_auth0(**connect)
        return self.handshake()

    def handshake(self, repeats=3):
        """The whole handshake on the present connection, also inside a session (enforcement).

        m1 and m3 are repeated byte for byte while no answer comes. Raises `mqtt.TimedOut` after `repeats`.
        """
        self.begin()
        m3 = self.ask(self.pending.m1, lambda wire: self.pending.answer(wire), repeats)
        return self.ask(m3, self.finish, repeats)

    def begin(self):
        """A new m1 under the next epoch, kept in `pending`."""
        epoch, r1, hk = self.key.handshake_key(self.identity, self.server_id)
        self.pending = h.DeviceSide(
            identity=self.identity, server_id=self.server_id, suite=self.suite, epoch=epoch, r1=r1,
            n1_secret=os.urandom(32), n3=os.urandom(32), hk=hk,
        )
        return self.pending.m1

    def ask(self, message, take, repeats=3):
        """Sends `message` until `take` accepts an answer; answers it refuses are ignored."""
        for _ in range(repeats):
            self.send_auth(message)
            try:
                return self._first_accepted(take, self.timeout / repeats)
            except mqtt.TimedOut:
                continue
        raise mqtt.TimedOut("no answer to the handshake")

    def _first_accepted(self, take, timeout):
        for _ in range(32):
            answer = self.connection.receive(timeout, self.auth_reply_topic).payload
            try:
                return take(answer)
            except p.Refused:
                continue
        raise mqtt.TimedOut("only answers that do not open")

    def send_auth(self, payload, qos=0):
        """Any payload on the handshake topic, wrapped if it goes through a relay."""
        wire = s.relayed(self.identity, payload) if self.relayed else payload
        return self.connection.publish(s.AUTH_TOPIC, wire, qos=qos)

    def receive_auth(self, timeout=None):
        return self.connection.receive(timeout, self.auth_reply_topic).payload

    def finish(self, finished):
        """Takes `finished`; only now does the new session replace the old one."""
        session, receipt = self.pending.finish(finished)
        self.previous_session, self.session = self.session, session
        return session, receipt

    answer_enforcement = handshake

    # publishing

    def seal(self, topic, payload, *, flags=0, seq=None, properties=None, session=None):
        """The claim of one envelope; flags with ON_CARD ask the card for its tag."""
        session = session or self.session
        props = signed_props(properties) if self.version == mqtt.V5 else b""
        if not flags & e.ON_CARD:
            return session.sign(topic, payload, flags=flags, seq=seq, props=props)
        header = e.Header(flags, session.kid, session.next_seq() if seq is None else seq)
        return e.seal_on_card(self.key.checksum, p.expand(session.sk, "card bind"), header, topic, props, payload)

    def publish(
        self, topic, payload, *, sealed=False, short=False, on_card=False, retain=False, qos=1, form="payload",
        seq=None, properties=None, session=None, flags=None, **publish,
    ):
        """Signs and publishes. `flags` overrides the flags that the other arguments give."""
        if flags is None:
            flags = sealed * e.SEALED | retain * e.RETAIN | short * e.SHORT_TAG | on_card * e.ON_CARD
        claim = self.seal(topic, payload, flags=flags, seq=seq, properties=properties, session=session)
        properties = dict(properties or {})
        if form == "property":
            cs1, wire = e.as_property(claim)
            properties["user"] = properties.get("user", []) + [("cs1", cs1)]
        else:
            wire = e.as_payload(claim)
        sent = Sent(topic, wire, properties, qos, retain, claim.header.seq)
        sent.code = sent.send_from(self.connection, **publish)
        return sent

    def publish_auth(self, payload, *, session=None, qos=0):
        """An envelope on the handshake topic: commitments and requests."""
        claim = self.seal(s.AUTH_TOPIC, payload, session=session)
        wire = e.as_payload(claim)
        self.send_auth(wire, qos)
        return Sent(s.AUTH_TOPIC, wire, {}, qos, False, claim.header.seq)

    def commit_will(self, will):
        """Commits this connection to `will` (mqtt.Will), as given or to be given in CONNECT."""
        props = signed_props(will.properties) if self.version == mqtt.V5 else b""
        return self.publish_auth(s.will_commitment(
            self.resume_n, self.client_id, will.topic, will.payload, props=props, qos=will.qos, retain=will.retain,
        ))

    # notices and receipts

    def open_down(self, message):
        """The verified payload of a down message of the present session, or of the one before."""
        kid = e.parse_payload(message.payload).header.kid
        for session in (self.session, self.previous_session):
            if session and session.kid == kid:
                return session.open_down(message.topic, message.payload, props=signed_props(message.properties))
        raise p.Refused("unknown_kid")

    def receive_notice(self, timeout=None):
        """The next notice (a dict) or `Receipt`, verified."""
        message = self.connection.receive(timeout, s.notice_topic(self.client_id))
        return s.parse_notice(self.open_down(message))

    def wait_notice(self, why, timeout=None):
        """The next notice with this refusal's name; what comes before it is dropped."""
        for _ in range(256):
            notice = self.receive_notice(timeout)
            if isinstance(notice, dict) and notice.get("why") == why:
                return notice
        raise mqtt.TimedOut(f"no notice {why}")

    def request_receipt(self, kid=None, timeout=None):
        """Asks for the receipt of a session (the present one) and returns it."""
        kid = self.session.kid if kid is None else kid
        self.publish_auth(s.receipt_request(kid))
        for _ in range(256):
            receipt = self.receive_notice(timeout)
            if isinstance(receipt, s.Receipt) and receipt.kid == kid:
                return receipt
        raise mqtt.TimedOut("no receipt")
