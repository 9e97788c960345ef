"""MFA_R's step 1, whole second steps of both suites, and messages of theirs that must be refused."""

from countersign_tests import handshake as h
from countersign_tests import mfar as m
from countersign_tests import primitives as p
from countersign_tests.session import Receipt

from .handshake import LOW_ORDER, check
from .vector import Vector, fixed

K_REG = fixed("mfar k_reg")
FIELDS = [("uuid", fixed("mfar uuid", 16)), ("serial", b"SN-0042-beef"), ("longest", fixed("mfar longest", 255))]
QUERY = "serial;rotate(5);mask(a55a);slice(1,9);flip"


def device(suite=1):
    return m.MfarDevice(identity="mote-3", k_reg=K_REG, fields=FIELDS, suite=suite, n1_secret=fixed("mfar n1"))


def server(suite=1, kid=300, query=QUERY):
    return m.MfarServer(identity="mote-3", k_reg=K_REG, fields=FIELDS, suite=suite, kid=kid, query=query,
                        auth_code=fixed("mfar auth code", 16), n2_secret=fixed("mfar n2"))


def inputs(suite, kid=300, query=QUERY):
    return {
        "family": "mfar",
        "suite": suite,
        "k_reg": K_REG,
        "fields": b"".join(p.s8(name) + p.s16(value) for name, value in FIELDS),
        "auth_code": fixed("mfar auth code", 16),
        "kid": kid,
        "query": query.encode(),
        "n1_secret": fixed("mfar n1"),
        "n2_secret": fixed("mfar n2"),
    }


def transcript(name, note, suite, receipt=Receipt(), **changes):
    own, peer = device(suite), server(suite, **changes)
    a = own.answer(peer.q)
    session = peer.accept(a)
    finished = peer.finished(receipt)
    assert own.finish(finished)[0].sk == session.sk
    fields = inputs(suite, **changes) | {
        "result": m.apply_query(peer.question.query, FIELDS), "n1": own.n1, "n2": peer.question.n2,
        "q": peer.q, "a": a, "th": own.th, "ikm": own.ikm, "sk": session.sk, "receipt": receipt.encode(),
        "receipt_kid": receipt.kid, "receipt_edge": receipt.edge, "receipt_bitmap": p.u64(receipt.bitmap),
        "finished": finished}
    return Vector(f"mfar_accept_{name}", note, "accept", fields)


def accepted():
    receipt = Receipt.of(4, set(range(30, 95)) - {40, 41, 90})
    longest = "longest" + ";mask(00112233445566778899aabb)" * 3 + ";rotate(65535);flip"
    for suite, kind in ((1, "X25519"), (2, "random nonces")):
        yield transcript(f"suite{suite}", f"suite {suite}, {kind}", suite)
        yield transcript(f"suite{suite}_receipt", "finished carries a receipt", suite, receipt=receipt, kid=1)
        yield transcript(f"suite{suite}_longest", "a long query over 255 bytes, greatest kid", suite, kid=16383, query=longest)
        yield transcript(f"suite{suite}_field", "a query without operations", suite, query="uuid")


def question(*, first=m.Q, suite=1, n2=None, kid=300, query=QUERY):
    return (p.u8(first) + p.u8(suite) + fixed("mfar auth code", 16) + (n2 or p.dh_public(fixed("mfar n2"))) + p.u16(kid) +
            p.s16(query))


def refused_q():
    good = question()
    cases = {
        "type": ("malformed", "another message type", question(first=0x32)),
        "suite_0": ("malformed", "suite 0", question(suite=0)),
        "suite_3": ("malformed", "suite 3", question(suite=3)),
        "kid_zero": ("malformed", "kid 0", question(kid=0)),
        "kid_16384": ("malformed", "kid over the largest", question(kid=16384)),
        "query_empty": ("malformed", "no query", question(query="")),
        "query_129_bytes": ("malformed", "a query of 129 bytes", question(query="serial;mask(" + "00" * 58 + ")")),
        "query_wrong": ("malformed", "a query that is none", question(query="serial;xor(00)")),
        "trailing_byte": ("malformed", "one byte too many", good + b"\0"),
        "cut": ("malformed", "one byte too few", good[:-1]),
        "empty": ("malformed", "nothing", b""),
        "suite_2": ("bad_handshake", "a suite that the policy forbids", question(suite=2)),
        "field_unknown": ("bad_handshake", "a field that is not registered", question(query="model")),
        "slice_outside": ("bad_handshake", "a slice that is not inside", question(query="serial;slice(4,9)")),
        "low_order": ("bad_handshake", "n2 of low order: DH gives zeros", question(n2=LOW_ORDER)),
        "zero_point": ("bad_handshake", "n2 is zero: DH gives zeros", question(n2=bytes(32))),
    }
    for name, (why, note, wire) in cases.items():
        check(lambda w=wire: device().answer(w), why, name)
        yield Vector(f"mfar_refuse_q_{name}", note, f"refuse {why}", inputs(1) | {"message": "q"}, wire)


def sealed_a(n1, *, k_reg=K_REG, fields=FIELDS, asked=None):
    return p.u8(m.A) + n1 + m.answer_tag(k_reg, asked or server().question, n1, fields)


def refused_a():
    n1 = p.dh_public(fixed("mfar n1"))
    good = sealed_a(n1)
    other = [(name, value[:-1] + b"?") for name, value in FIELDS]
    cases = {
        "type": ("malformed", "another message type", b"\x31" + good[1:]),
        "cut": ("malformed", "one byte too few", good[:-1]),
        "trailing_byte": ("malformed", "one byte too many", good + b"\0"),
        "empty": ("malformed", "nothing", b""),
        "flipped": ("bad_handshake", "last bit of the tag", good[:-1] + bytes([good[-1] ^ 1])),
        "zero_tag": ("bad_handshake", "a tag of zeros", good[:-16] + bytes(16)),
        "other_n1": ("bad_handshake", "a bit of n1", good[:1] + bytes([good[1] ^ 1]) + good[2:]),
        "other_key": ("bad_handshake", "the device's data without its key", sealed_a(n1, k_reg=bytes(32))),
        "other_data": ("bad_handshake", "the device's key without its data", sealed_a(n1, fields=other)),
        "other_kid": ("bad_handshake", "the answer to another q", sealed_a(n1, asked=server(kid=301).question)),
        "low_order": ("bad_handshake", "n1 of low order under a right tag", sealed_a(LOW_ORDER)),
    }
    for name, (why, note, wire) in cases.items():
        check(lambda w=wire: server().accept(w), why, name)
        yield Vector(f"mfar_refuse_a_{name}", note, f"refuse {why}", inputs(1) | {"message": "a", "q": server().q}, wire)


def refused_finished():
    own, peer = device(), server()
    peer.accept(own.answer(peer.q))
    good = peer.finished()
    cases = {
        "type": ("malformed", "another message type", b"\x13" + good[1:]),
        "cut": ("malformed", "one byte too few", good[:-1]),
        "trailing_byte": ("malformed", "one byte too many", good + b"\0"),
        "receipt_changed": ("bad_handshake", "receipt edge raised", good[:6] + bytes([good[6] ^ 1]) + good[7:]),
        "zero_tag": ("bad_handshake", "a tag of zeros", good[:15] + bytes(16)),
    }
    for name, (why, note, wire) in cases.items():
        check(lambda w=wire: own.finish(w), why, name)
        yield Vector(f"mfar_refuse_finished_{name}", note, f"refuse {why}", inputs(1) | {"message": "finished", "q": peer.q}, wire)


def step1_vectors():
    def vector(name, note, expect, wire, **fields):
        return Vector(f"mfar_step1_{name}", note, expect, {"family": "mfar_step1"} | fields, wire)
    for name, user, password in (("shortest", "a", b"x"), ("binary", "mote-3", b"\0\xff: \n"), ("longest", "A" * 64, b"p" * 300)):
        wire = m.step1(user, password)
        assert m.parse_step1(wire) == (user, password)
        yield vector(f"accept_{name}", "user and password", "accept", wire, user=user, secret=password)
    good = m.step1("mote-3", "secret")
    cases = {
        "type": b"\x31" + good[1:], "cut": good[:-1], "trailing_byte": good + b"\0", "empty": b"",
        "user_empty": m.step1("", "secret"), "user_65_bytes": m.step1("a" * 65, "secret"),
        "user_slash": m.step1("mote/3", "secret"), "password_empty": m.step1("mote-3", ""),
    }
    for name, wire in cases.items():
        check(lambda w=wire: m.parse_step1(w), "malformed", name)
        yield vector(f"refuse_{name}", name.replace("_", " "), "refuse malformed", wire)


def vectors():
    yield from accepted()
    yield from refused_q()
    yield from refused_a()
    yield from refused_finished()
    yield from step1_vectors()
