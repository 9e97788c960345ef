"""What follows a handshake: resume proofs, will commitments, receipts, relays (docs/protocol.md, 2 and 3)."""

import json
from dataclasses import dataclass, field

from . import envelope as e
from . import primitives as p

AUTH_TOPIC = "$CONTROL/countersign/auth"
ADMIN_TOPIC = "$CONTROL/countersign/v1"
WILL_COMMITMENT, RECEIPT_REQUEST, RECEIPT, RELAYED = 0x41, 0x50, 0x51, 0x60
RESUME_BYTES = 2 + 4 + p.TAG_BYTES


def auth_reply_topic(client_id):
    return f"countersign/auth/{client_id}"


def notice_topic(client_id):
    return f"countersign/notice/{client_id}"


def admin_reply_topic(client_id):
    return f"countersign/admin/{client_id}"


@dataclass(frozen=True)
class Receipt:
    """`edge` = greatest accepted seq + 1; bit i of `bitmap` = seq edge - 1 - i was accepted."""

    kid: int = 0
    edge: int = 0
    bitmap: int = 0
    BYTES = 2 + 4 + 8

    def encode(self):
        return p.u16(self.kid) + p.u32(self.edge) + p.u64(self.bitmap)

    @classmethod
    def decode(cls, wire):
        reader = p.Reader(wire)
        receipt = cls(reader.number(2), reader.number(4), reader.number(8))
        reader.end()
        return receipt

    @classmethod
    def of(cls, kid, accepted):
        """The receipt for a set of accepted seqs."""
        edge = max(accepted) + 1
        bitmap = sum(1 << (edge - 1 - seq) for seq in accepted if edge - seq <= 64)
        return cls(kid, edge, bitmap)

    def accepted(self, seq):
        behind = self.edge - 1 - seq
        return 0 <= behind < 64 and bool(self.bitmap >> behind & 1)


def receipt_request(kid):
    return p.u8(RECEIPT_REQUEST) + p.u16(kid)


def receipt_payload(receipt):
    return p.u8(RECEIPT) + receipt.encode()


def parse_notice(payload):
    """A verified down payload: a `Receipt`, or the notice's JSON object."""
    if payload[:1] == p.u8(RECEIPT):
        return Receipt.decode(payload[1:])
    try:
        notice = json.loads(payload)
    except ValueError:
        raise p.malformed("neither a receipt nor JSON") from None
    if not isinstance(notice, dict) or notice.get("v") != 1:
        raise p.malformed("not a notice of version 1")
    return notice


def will_digest(client_id, topic, props, payload, qos, retain):
    return p.sha256(
        p.s16(client_id) + p.s16(topic) + p.s16(props) + p.s16(payload) + p.u8(qos) + p.u8(retain)
    )


def will_commitment(n, client_id, topic, payload, *, props=b"", qos=0, retain=False):
    """`n` is that of this connection's resume proof, 0 on a connection raised from AUTH0."""
    return p.u8(WILL_COMMITMENT) + p.u32(n) + will_digest(client_id, topic, props, payload, qos, int(retain))


def relayed(identity, payload):
    return p.u8(RELAYED) + p.s8(identity) + p.to_bytes(payload)


def parse_relayed(wire):
    reader = p.Reader(wire)
    if reader.number(1) != RELAYED:
        raise p.malformed("not a relayed payload")
    return p.identity_bytes(reader.s8("identity")).decode(), reader.rest()


def resume_tag(sk, n, client_id):
    return p.hmac_sha256(p.expand(sk, "resume"), p.u32(n) + p.s16(client_id))[: p.TAG_BYTES]


def resume_password(sk, kid, n, client_id):
    return p.base64url(p.u16(kid) + p.u32(n) + resume_tag(sk, n, client_id))


def parse_resume_password(password):
    """(kid, n, tag), nothing verified yet."""
    reader = p.Reader(p.from_base64url(password))
    parts = reader.number(2), reader.number(4), reader.take(p.TAG_BYTES)
    reader.end()
    return parts


def check_resume_password(sk, kid, last_n, client_id, password):
    """The proof's n. Raises unless it is of this session, for this client id, and n rises."""
    claimed_kid, n, tag = parse_resume_password(password)
    if claimed_kid != kid:
        raise p.Refused("unknown_kid")
    if not p.same_tag(tag, resume_tag(sk, n, client_id)):
        raise p.Refused("bad_tag")
    if n <= last_n:
        raise p.Refused("replayed", "n did not rise")
    return n


@dataclass
class Session:
    """One session as its client holds it. `seq` and `n` are the last ones used."""

    identity: str
    kid: int
    sk: bytes
    auth_code: bytes
    seq: int = 0
    n: int = 0
    down_seen: set = field(default_factory=set)

    def __post_init__(self):
        self.up = e.direction_keys(self.sk, "up")
        self.down = e.direction_keys(self.sk, "down")

    def next_seq(self):
        if self.seq >= p.MAX_SEQ:
            raise OverflowError("the session's last seq is spent")
        self.seq += 1
        return self.seq

    def sign(self, topic, payload, *, flags=0, seq=None, props=b""):
        """A claim under the next seq, or under a chosen one: `as_payload` or `as_property` it."""
        seq = self.next_seq() if seq is None else seq
        return e.seal_claim(self.up, e.Header(flags, self.kid, seq), topic, props, payload)

    def next_resume_password(self, client_id):
        self.n += 1
        return resume_password(self.sk, self.kid, self.n, client_id)

    def open_down(self, topic, wire, *, props=b""):
        """The payload of a down envelope, each down seq once."""
        claim = e.parse_payload(wire)
        if claim.header.kid != self.kid:
            raise p.Refused("unknown_kid")
        payload = e.open_claim(self.down, claim, topic, props)
        if claim.header.seq in self.down_seen:
            raise p.Refused("replayed")
        self.down_seen.add(claim.header.seq)
        return payload
