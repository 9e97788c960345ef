"""What cards, agents and T say of cards (docs/protocol.md, sections 9 and 11)."""

from dataclasses import dataclass

from . import primitives as p

ORDER, REPORT = 0x52, 0x53
CREATED, DEACTIVATED, ACTIVE, TERMINATED = 0x01, 0x04, 0x05, 0x0C
DEACTIVATE, ACTIVATE, EXTERNAL_AUTHENTICATE, TERMINATE = 0x04, 0x44, 0x82, 0xE6
UID_BYTES, PRESENCE_BYTES, PROOF_BYTES = 8, 21, 20
NO_CARD = 0x6A82


def issuer_key_of(issuer, uid):
    """Kiss of one card, of the issuer's key."""
    return p.expand(issuer, "card iss", uid)


def reset_transport_key(kiss, uid):
    """The key under which a card is personalised after a factory reset."""
    return p.expand(kiss, "card reset", uid)


def issuer_proof(kiss, uid, ins, n):
    """The data of an issuer's command."""
    return p.u32(n) + p.hmac_sha256(p.expand(kiss, "card adm", uid), p.u8(ins) + p.u32(n))[: p.TAG_BYTES]


def presence(k, uid, challenge, life_cycle, admin_counter):
    """The answer to INTERNAL AUTHENTICATE (presence)."""
    state = p.u8(life_cycle) + p.u32(admin_counter)
    return state + p.hmac_sha256(p.expand(k, "card here"), uid + state + challenge)[: p.TAG_BYTES]


def order(uid, challenge, ins=0, proof=bytes(PROOF_BYTES)):
    return p.u8(ORDER) + uid + challenge + p.u8(ins) + proof


def report(uid, status, here=bytes(PRESENCE_BYTES), reader=""):
    return p.u8(REPORT) + uid + p.u16(status) + here + p.s8(reader)


@dataclass(frozen=True)
class Order:
    uid: bytes
    challenge: bytes
    ins: int
    proof: bytes

    @classmethod
    def decode(cls, wire):
        reader = p.Reader(wire)
        if reader.number(1) != ORDER:
            raise p.malformed("no card order")
        decoded = cls(reader.take(UID_BYTES), reader.take(16), reader.number(1), reader.take(PROOF_BYTES))
        reader.end()
        return decoded
