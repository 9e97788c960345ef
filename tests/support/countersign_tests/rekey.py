"""Another k (docs/protocol.md, section 4)."""

from . import primitives as p

ASK, ANSWER = 0x42, 0x54


def next_key(k, sk):
    return p.expand(k, "rekey", p.expand(sk, "rekey sk"))


def request(key):
    return p.u8(ASK) + p.expand(key, "rekey a")[:16]


def answer(key):
    return p.u8(ANSWER) + p.expand(key, "rekey t")[:16]
