"""MAISTS A, hardened: the handshake of a shared key k, both sides and both suites (docs/protocol.md, section 4).

All randomness is an argument, so a transcript is a function of its inputs.
"""

from . import primitives as p
from .session import Receipt, Session

M1, M2, M3, FINISHED = 0x11, 0x12, 0x13, 0x14
SUITE_DH, SUITE_RANDOM = 1, 2
ZERO_NONCE = bytes(12)
NONCE_BYTES = 32
R_BYTES = 16
AUTH_CODE_BYTES = 16


def handshake_key(k, identity, server_id, epoch, r1):
    """hk: all that a smart card computes."""
    return p.expand(k, "a+ hk", p.s8(identity) + p.s8(server_id) + p.u32(epoch) + r1)


def key1(hk):
    return p.expand(hk, "a+ 1")[:16]


def key2(hk, th1, r2):
    return p.expand(hk, "a+ 2", th1 + r2)[:16]


def key3(hk, th2):
    return p.expand(hk, "a+ 3", th2)[:16]


def public_nonce(suite, secret):
    """N1 or N2 as it travels: a public key in suite 1, the 32 bytes themselves in suite 2."""
    return p.dh_public(secret) if suite == SUITE_DH else secret


def input_keying_material(suite, hk, own_secret, n1, n2, peer):
    shared = p.dh(own_secret, peer) if suite == SUITE_DH else n1 + n2
    return p.expand(hk, "sess") + shared


def session_key(th3, ikm):
    return p.hkdf(th3, ikm, "cs1 sk")


def finished_tag(sk, th3, receipt):
    return p.hmac_sha256(p.expand(sk, "fin"), th3 + receipt)[: p.TAG_BYTES]


def _start(reader, kind):
    if reader.number(1, "message type") != kind:
        raise p.malformed(f"not a message of type {kind:#04x}")
    suite = reader.number(1, "suite")
    if suite not in (SUITE_DH, SUITE_RANDOM):
        raise p.malformed("unknown suite")
    return suite


def _own_suite(reader, kind, suite):
    if _start(reader, kind) != suite:
        raise p.Refused("bad_handshake", "the suite changed on the way")


class M1Claim:
    """What an m1 says before anything is verified."""

    def __init__(self, wire):
        reader = p.Reader(wire)
        self.wire = bytes(wire)
        self.suite = _start(reader, M1)
        self.identity = p.identity_bytes(reader.s8("idA")).decode()
        self.server_id = p.identity_bytes(reader.s8("idT")).decode()
        self.epoch = reader.number(4, "epoch")
        if self.epoch > p.MAX_EPOCH:
            raise p.malformed("epoch is 2^28 or more")
        self.r1 = reader.take(R_BYTES, "r1")
        self.aad = reader.read_so_far()
        self.sealed = reader.take(NONCE_BYTES + p.TAG_BYTES, "ciphertext")
        reader.end()


class DeviceSide:
    """A: makes m1, answers m2 once, accepts one `finished`. Give k, or the hk a card computed."""

    def __init__(self, *, identity, server_id, suite, epoch, r1, n1_secret, n3, k=None, hk=None):
        self.identity, self.server_id, self.suite = identity, server_id, suite
        self.n1_secret, self.n1, self.n3 = n1_secret, public_nonce(suite, n1_secret), n3
        self.hk = hk or handshake_key(k, identity, server_id, epoch, r1)
        aad = p.u8(M1) + p.u8(suite) + p.s8(identity) + p.s8(server_id) + p.u32(epoch) + r1
        self.m1 = aad + p.aead_seal(key1(self.hk), ZERO_NONCE, aad, self.n1)
        self.th1 = p.sha256(self.m1)
        self.m2 = self.m3 = None

    def answer(self, m2):
        """m3. The same m2 gets the same m3; after one m2 opened every other is refused."""
        if self.m3 is not None:
            if m2 != self.m2:
                raise p.Refused("bad_handshake", "another m2 was answered already")
            return self.m3
        reader = p.Reader(m2)
        _own_suite(reader, M2, self.suite)
        r2 = reader.take(R_BYTES, "r2")
        aad = reader.read_so_far()
        sealed = reader.take(NONCE_BYTES + AUTH_CODE_BYTES + 2 + p.TAG_BYTES, "ciphertext")
        reader.end()
        self._open_m2(p.aead_open(key2(self.hk, self.th1, r2), ZERO_NONCE, aad, sealed, "bad_handshake"))
        self.m2, self.th2 = bytes(m2), p.sha256(self.th1 + m2)
        aad = p.u8(M3) + p.u8(self.suite)
        self.m3 = aad + p.aead_seal(key3(self.hk, self.th2), ZERO_NONCE, aad, self.n3)
        self.th3 = p.sha256(self.th2 + self.m3)
        self.sk = session_key(self.th3, self.ikm)
        return self.m3

    def _open_m2(self, plain):
        inner = p.Reader(plain)
        n2, auth_code, kid = inner.take(32), inner.take(AUTH_CODE_BYTES), inner.number(2)
        if not 1 <= kid <= p.MAX_KID:
            raise p.malformed("kid is out of range")
        self.ikm = input_keying_material(self.suite, self.hk, self.n1_secret, self.n1, n2, n2)
        self.n2, self.auth_code, self.kid = n2, auth_code, kid

    def finish(self, finished):
        """(Session, Receipt). Raises unless `finished` proves that T holds the same SK."""
        reader = p.Reader(finished)
        if reader.number(1, "message type") != FINISHED:
            raise p.malformed("not a finished message")
        receipt = reader.take(Receipt.BYTES, "receipt")
        tag = reader.take(p.TAG_BYTES, "tag")
        reader.end()
        if self.m3 is None or not p.same_tag(tag, finished_tag(self.sk, self.th3, receipt)):
            raise p.Refused("bad_handshake", "finished does not verify")
        return Session(self.identity, self.kid, self.sk, self.auth_code), Receipt.decode(receipt)


class ServerSide:
    """T: opens m1, answers with m2, accepts m3, closes with `finished`. Epochs are the caller's."""

    def __init__(self, m1, k, server_id, suites=(SUITE_DH, SUITE_RANDOM)):
        claim = M1Claim(m1)
        if claim.server_id != server_id or claim.suite not in suites:
            raise p.Refused("bad_handshake", "m1 is for another server or its suite is not allowed")
        self.identity, self.suite, self.epoch = claim.identity, claim.suite, claim.epoch
        self.hk = handshake_key(k, claim.identity, server_id, claim.epoch, claim.r1)
        self.n1 = p.aead_open(key1(self.hk), ZERO_NONCE, claim.aad, claim.sealed, "bad_handshake")
        self.th1 = p.sha256(m1)

    def answer(self, *, r2, n2_secret, auth_code, kid):
        """m2."""
        self.kid, self.auth_code = kid, auth_code
        self.n2 = public_nonce(self.suite, n2_secret)
        self.ikm = input_keying_material(self.suite, self.hk, n2_secret, self.n1, self.n2, self.n1)
        aad = p.u8(M2) + p.u8(self.suite) + r2
        plain = self.n2 + auth_code + p.u16(kid)
        m2 = aad + p.aead_seal(key2(self.hk, self.th1, r2), ZERO_NONCE, aad, plain)
        self.th2 = p.sha256(self.th1 + m2)
        return m2

    def accept(self, m3):
        """The session that m3 completes. A wrong m3 leaves the handshake as it was."""
        reader = p.Reader(m3)
        _own_suite(reader, M3, self.suite)
        aad = reader.read_so_far()
        sealed = reader.take(NONCE_BYTES + p.TAG_BYTES, "ciphertext")
        reader.end()
        self.n3 = p.aead_open(key3(self.hk, self.th2), ZERO_NONCE, aad, sealed, "bad_handshake")
        self.th3 = p.sha256(self.th2 + m3)
        self.sk = session_key(self.th3, self.ikm)
        return Session(self.identity, self.kid, self.sk, self.auth_code)

    def finished(self, receipt=None):
        wire = (receipt or Receipt()).encode()
        return p.u8(FINISHED) + wire + finished_tag(self.sk, self.th3, wire)
