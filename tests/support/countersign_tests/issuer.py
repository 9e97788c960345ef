"""The issuer's side of a card, and the card's proof that it is there (docs/protocol.md, section 9)."""

from . import primitives as p

DEACTIVATE, ACTIVATE, TERMINATE, EXTERNAL_AUTHENTICATE = 0x04, 0x44, 0xE6, 0x82
CREATED, DEACTIVATED, ACTIVE, TERMINATED = 1, 4, 5, 12


def kiss_of(issuer_key, uid):
    """One card's key, of the issuer's one."""
    return p.expand(issuer_key, "card iss", uid)


def tag(kiss, uid, ins, number):
    return p.hmac_sha256(p.expand(kiss, "card adm", uid), bytes([ins]) + p.u32(number))[: p.TAG_BYTES]


def reset_key(kiss, uid):
    """The transport key after a factory reset."""
    return p.expand(kiss, "card reset", uid)


def presence(key, uid, life_cycle, admin_counter, challenge):
    """What the card with `key` proves by."""
    said = uid + bytes([life_cycle]) + p.u32(admin_counter) + challenge
    return p.hmac_sha256(p.expand(key, "card here"), said)[: p.TAG_BYTES]
