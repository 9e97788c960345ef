"""Devices that RegServ registered: by user, password and a query (MFA_R), or by a password alone (legacy).

Both are described in docs/protocol.md, section 6. Everything can be done step by step, also wrongly.
"""

import os
from dataclasses import dataclass

from . import handshake as h
from . import mfar, mqtt
from . import primitives as p
from . import session as s
from .device import Device, auth0_client_id

PENDING = 2  # how many answered queries a device remembers


@dataclass(frozen=True)
class Registration:
    """What the device was given once, and what it said of itself."""

    user: str
    password: str
    k_reg: bytes
    fields: tuple

    @classmethod
    def of(cls, reply, data):
        """From the answer to registerDevice and its deviceData."""
        fields = tuple((name, p.to_bytes(value)) for name, value in data.items())
        return cls(reply["user"], reply["password"], bytes.fromhex(reply["kReg"]), fields)


def connect_or_close(connection, client_id, *, check=True, **connect):
    """The CONNACK. A connection that is refused is closed here too: guessers make many."""
    ack = connection.connect(client_id, check=False, **connect)
    if ack.code:
        connection.abandon()
        if check:
            raise mqtt.ConnectRefused(ack.code)
    return ack


class RegisteredDevice(Device):
    """A `Device` whose login is MFA_R's: step 1, then an answer to T's query; also to the one that enforcement sends."""

    def __init__(self, registration, *, suites=(h.SUITE_DH, h.SUITE_RANDOM), **options):
        super().__init__(registration.user, None, None, **options)
        self.registration, self.suites = registration, suites
        self.answered = []

    # step 1

    def connect_step1(self, *, user=None, password=None, client_id=None, check=True, **connect):
        """A new connection whose CONNECT is step 1. The CONNACK; q follows."""
        self.resume_n = 0
        return connect_or_close(
            self.open(), client_id or auth0_client_id(), username=user or self.identity,
            password=self.registration.password if password is None else password, check=check, **connect)

    def step1(self, user=None, password=None):
        """Step 1 as it goes by topic."""
        return mfar.step1(user or self.identity, self.registration.password if password is None else password)

    def send_step1(self, user=None, password=None):
        return self.send_auth(self.step1(user, password))

    def ask_step1(self, connect=True, **credentials):
        """Step 1 by CONNECT, or by topic on the present connection. The q, not answered yet."""
        if connect:
            self.connect_step1(**credentials)
        else:
            self.send_step1(**credentials)
        return self.receive_q()

    def receive_q(self, timeout=None):
        """The next q on this connection; what else comes there is dropped."""
        for _ in range(32):
            wire = self.receive_auth(timeout)
            if wire[:1] == p.u8(mfar.Q):
                return wire
        raise mqtt.TimedOut("no q")

    # step 2

    def answer(self, q, *, k_reg=None, fields=None, n1_secret=None):
        """a: for a q that is pending the same again, for any other a fresh one.

        Other arguments make it another a, mostly a wrong one, which is not remembered.
        """
        other = k_reg or fields or n1_secret
        for pending in self.answered:
            if pending.question.wire == q and not other:
                return pending.answer(q)
        suite = mfar.Question(q).suite
        if suite not in self.suites:
            raise p.Refused("bad_handshake", "the policy forbids the suite")
        pending = mfar.MfarDevice(
            identity=self.identity, k_reg=k_reg or self.registration.k_reg, fields=fields or self.registration.fields,
            suite=suite, n1_secret=n1_secret or os.urandom(h.NONCE_BYTES))
        a = pending.answer(q)
        if not other:
            self.answered = (self.answered + [pending])[-PENDING:]
        return a

    def finish(self, finished):
        """Takes `finished` for any of the pending answers; only now does the new session replace the old one."""
        for pending in self.answered:
            try:
                session, receipt = pending.finish(finished)
            except p.Refused:
                continue
            self.previous_session, self.session, self.answered = self.session, session, []
            return session, receipt
        raise p.Refused("bad_handshake", "finished of no pending answer")

    def send_answer(self, q):
        """Answers q and takes `finished`, as `handshake`."""
        return self.ask(self.answer(q), self.finish)

    # whole logins

    def login(self, connect=True, **options):
        """Both steps on a new connection, the first by CONNECT or by topic."""
        if connect:
            self.connect_step1(**options)
        else:
            self.connect_auth0(**options)
            self.send_step1()
        return self.send_answer(self.receive_q())

    def handshake(self, repeats=3):
        """Both steps on the present connection."""
        q = self.ask(self.step1(), self._q_of, repeats)
        return self.ask(self.answer(q), self.finish, repeats)

    @staticmethod
    def _q_of(wire):
        return mfar.Question(wire).wire

    # enforcement

    def receive_notice(self, timeout=None):
        """The next notice (a dict), `Receipt`, or `mfar.Question`, verified."""
        message = self.connection.receive(timeout, s.notice_topic(self.client_id))
        payload = self.open_down(message)
        return mfar.Question(payload) if payload[:1] == p.u8(mfar.Q) else s.parse_notice(payload)

    def receive_demand(self, timeout=None):
        """The q of a notice `enforcement`; what comes before it is dropped."""
        for _ in range(256):
            notice = self.receive_notice(timeout)
            if isinstance(notice, mfar.Question):
                return notice.wire
        raise mqtt.TimedOut("no q on the notice topic")

    def send_answer_inside(self, a):
        """Any a as the payload of an envelope of the present session."""
        return self.publish_auth(a)

    def answer_enforcement(self, q=None):
        """Answers the demand's q inside the session and takes `finished`."""
        self.send_answer_inside(self.answer(q or self.receive_demand()))
        return self._first_accepted(self.finish, self.timeout)


class LegacyDevice:
    """A plain MQTT client with a user and a password: what a device without Countersign is."""

    def __init__(self, identity, password, *, port, version=mqtt.V311, source=None, timeout=5.0):
        self.identity, self.password = identity, password
        self.port, self.version, self.source, self.timeout = port, version, source, timeout
        self.connection = None

    def connect(self, client_id=None, *, username=None, password=None, **connect):
        """The CONNACK. Raises `mqtt.ConnectRefused` unless `check` is False."""
        self.connection = mqtt.Client(self.port, version=self.version, source=self.source, timeout=self.timeout)
        return connect_or_close(
            self.connection, client_id or f"legacy-{self.identity}", username=username or self.identity,
            password=self.password if password is None else password, **connect)

    def publish(self, topic, payload, qos=1, **publish):
        """The reason code."""
        return self.connection.publish(topic, payload, qos=qos, **publish)

    def close(self):
        if self.connection:
            self.connection.disconnect()
