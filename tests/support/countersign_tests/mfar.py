"""MFA_R's two steps, both sides and both suites, and the query API (docs/protocol.md, section 6).

All randomness is an argument, as in handshake.py.
"""

import re

from . import handshake as h
from . import primitives as p
from .session import Receipt, Session

STEP1, Q, A = 0x30, 0x31, 0x32

MAX_QUERY_BYTES = 128
MAX_QUERY_OPS = 8
MAX_VALUE_BYTES = 255
MAX_NUMBER = 65535

FIELD = re.compile(rb"[A-Za-z0-9._-]{1,32}")
NUMBER = rb"(0|[1-9][0-9]{0,4})"
OPS = {
    "slice": re.compile(rb"slice\(" + NUMBER + rb"," + NUMBER + rb"\)"),
    "rotate": re.compile(rb"rotate\(" + NUMBER + rb"\)"),
    "flip": re.compile(rb"flip"),
    "mask": re.compile(rb"mask\(((?:[0-9a-f]{2})+)\)"),
}


def parse_op(text):
    """(name, arguments) of one operation."""
    for name, form in OPS.items():
        match = form.fullmatch(text)
        if match and name == "mask":
            return name, (bytes.fromhex(match[1].decode()),)
        if match:
            return name, numbers(name, [int(digits) for digits in match.groups()])
    raise p.malformed("no such operation")


def numbers(name, values):
    if any(value > MAX_NUMBER for value in values) or (name == "slice" and values[1] == 0):
        raise p.malformed("a number is out of range")
    return tuple(values)


def parse_query(text):
    """(field, operations); `malformed` for all that T would not write."""
    text = p.to_bytes(text)
    field, *ops = text.split(b";")
    if len(text) > MAX_QUERY_BYTES or len(ops) > MAX_QUERY_OPS or not FIELD.fullmatch(field):
        raise p.malformed("not a query")
    return field.decode(), [parse_op(op) for op in ops]


def apply_op(name, arguments, value):
    if name == "slice":
        begin, length = arguments
        if begin + length > len(value):
            raise p.Refused("bad_handshake", "the slice is not inside")
        return value[begin : begin + length]
    if name == "rotate":
        turn = arguments[0] % len(value)
        return value[turn:] + value[:turn]
    if name == "flip":
        return value[::-1]
    mask = arguments[0]
    return bytes(byte ^ mask[i % len(mask)] for i, byte in enumerate(value))


def apply_query(query, fields):
    """The result over `fields`, a list of (name, value)."""
    name, ops = parse_query(query)
    values = [value for field, value in fields if field == name]
    if len(values) != 1 or not 1 <= len(values[0]) <= MAX_VALUE_BYTES:
        raise p.Refused("bad_handshake", "no such field")
    result = values[0]
    for op, arguments in ops:
        result = apply_op(op, arguments, result)
    return result


def step1(user, password):
    return p.u8(STEP1) + p.s8(user) + p.s16(password)


def parse_step1(wire):
    """(user, password), the password as bytes."""
    reader = p.Reader(wire)
    if reader.number(1, "message type") != STEP1:
        raise p.malformed("not a step 1")
    user, password = p.identity_bytes(reader.s8("user")).decode(), reader.s16("password")
    reader.end()
    if not password:
        raise p.malformed("no password")
    return user, password


class Question:
    """q as it says, before anything is known to be true."""

    def __init__(self, wire):
        reader = p.Reader(wire)
        self.wire = bytes(wire)
        if reader.number(1, "message type") != Q:
            raise p.malformed("not a q")
        self.suite = reader.number(1, "suite")
        self.auth_code = reader.take(h.AUTH_CODE_BYTES, "auth_code")
        self.n2 = reader.take(h.NONCE_BYTES, "n2")
        self.kid = reader.number(2, "kid")
        self.query = reader.s16("query")
        reader.end()
        if self.suite not in (h.SUITE_DH, h.SUITE_RANDOM) or not 1 <= self.kid <= p.MAX_KID:
            raise p.malformed("suite or kid is out of range")
        parse_query(self.query)


def answer_tag(k_reg, question, n1, fields):
    result = apply_query(question.query, fields)
    return p.expand(k_reg, "mfar a", question.wire + n1 + p.s16(result))[: p.TAG_BYTES]


def mfar_key_material(suite, k_reg, own_secret, peer):
    shared = p.dh(own_secret, peer) if suite == h.SUITE_DH else b""
    return p.expand(k_reg, "mfar sk") + shared


class MfarDevice:
    """A: answers one q, accepts one `finished`."""

    def __init__(self, *, identity, k_reg, fields, suite, n1_secret):
        self.identity, self.k_reg, self.fields, self.suite = identity, k_reg, fields, suite
        self.n1_secret, self.n1 = n1_secret, h.public_nonce(suite, n1_secret)
        self.question = None

    def answer(self, q):
        """a. The same q gets the same a; every other is refused."""
        question = Question(q)
        if self.question is not None and q != self.question.wire:
            raise p.Refused("bad_handshake", "another q was answered already")
        if question.suite != self.suite:
            raise p.Refused("bad_handshake", "the policy forbids the suite")
        a = p.u8(A) + self.n1 + answer_tag(self.k_reg, question, self.n1, self.fields)
        self.th = p.sha256(q + a)
        self.ikm = mfar_key_material(self.suite, self.k_reg, self.n1_secret, question.n2)
        self.sk = h.session_key(self.th, self.ikm)
        self.question = question
        return a

    def finish(self, finished):
        """(Session, Receipt). Raises unless `finished` proves that T holds the same SK."""
        reader = p.Reader(finished)
        if reader.number(1, "message type") != h.FINISHED:
            raise p.malformed("not a finished message")
        receipt, tag = reader.take(Receipt.BYTES, "receipt"), reader.take(p.TAG_BYTES, "tag")
        reader.end()
        if self.question is None or not p.same_tag(tag, h.finished_tag(self.sk, self.th, receipt)):
            raise p.Refused("bad_handshake", "finished does not verify")
        session = Session(self.identity, self.question.kid, self.sk, self.question.auth_code)
        return session, Receipt.decode(receipt)


class MfarServer:
    """T: asks one q, takes one right `a`. A wrong one spends the q."""

    def __init__(self, *, identity, k_reg, fields, suite, auth_code, kid, n2_secret, query):
        self.identity, self.k_reg, self.fields = identity, k_reg, fields
        self.n2_secret = n2_secret
        self.q = (p.u8(Q) + p.u8(suite) + auth_code + h.public_nonce(suite, n2_secret) + p.u16(kid) +
                  p.s16(query))
        self.question = Question(self.q)
        self.taken = None
        self.spent = False

    def accept(self, a):
        reader = p.Reader(a)
        if reader.number(1, "message type") != A:
            raise p.malformed("not an a")
        n1, tag = reader.take(h.NONCE_BYTES, "n1"), reader.take(p.TAG_BYTES, "tag")
        reader.end()
        if self.spent or self.taken not in (None, a):
            raise p.Refused("bad_handshake", "this q has had its answer")
        self.spent = self.taken is None
        if not p.same_tag(tag, answer_tag(self.k_reg, self.question, n1, self.fields)):
            raise p.Refused("bad_handshake", "a wrong answer")
        self.th = p.sha256(self.q + a)
        ikm = mfar_key_material(self.question.suite, self.k_reg, self.n2_secret, n1)
        self.sk = h.session_key(self.th, ikm)
        self.taken, self.spent = a, False
        return Session(self.identity, self.question.kid, self.sk, self.question.auth_code)

    def finished(self, receipt=None):
        wire = (receipt or Receipt()).encode()
        return p.u8(h.FINISHED) + wire + h.finished_tag(self.sk, self.th, wire)
