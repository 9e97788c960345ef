"""The card's commands (docs/protocol.md, section 9), for a `CardLink` or anything else with its `send`."""

import os
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from . import card_messages, primitives as p
from .card_messages import ACTIVE, CREATED, DEACTIVATED, TERMINATED  # noqa: F401

SELECT = "00a4040007f0435349474e01"
OK, NOT_VERIFIED, BLOCKED, EXHAUSTED, NOT_ALLOWED = 0x9000, 0x6982, 0x6983, 0x6984, 0x6985
WRONG_DATA, NOT_FOUND = 0x6A80, 0x6A88
TRIES_LEFT = 0x63C0
PIN_PER_OPERATION = 1
BLOCK_BYTES = 16


class CardRefused(Exception):
    def __init__(self, status):
        super().__init__(f"the card answered {status:04X}")
        self.status = status


@dataclass
class Holder:
    """What personalisation gives a card."""

    identity: str
    key: bytes = field(default_factory=lambda: os.urandom(32))
    pin: str = "1234"
    puk: str = "12345678"
    # Kiss: the card's own, not the issuer's one key
    issuer_key: bytes = field(default_factory=lambda: os.urandom(32))
    flags: int = 0

    def tlvs(self):
        values = (self.identity.encode(), self.key, self.pin.encode(), self.puk.encode(), self.issuer_key)
        return b"".join(tlv(0x81 + i, value) for i, value in enumerate(values)) + tlv(0x86, bytes([self.flags]))


@dataclass
class CardFace:
    """The answer to SELECT."""

    version: bytes
    capabilities: int
    uid: bytes
    life_cycle: int


def tlv(tag, value):
    return bytes([tag, len(value)]) + value


def apdu(ins, parameters, data=b""):
    return bytes([0, ins]) + p.u16(parameters) + (bytes([len(data)]) + data if data else b"")


def seal(transport_key, uid, plain, iv=None):
    """The data of PUT DATA: iv || AES-128-CBC || tag."""
    iv = iv or os.urandom(BLOCK_BYTES)
    padded = plain + b"\x80"
    padded += bytes(-len(padded) % BLOCK_BYTES)
    key = p.expand(transport_key, "card perso enc", uid)[:BLOCK_BYTES]
    aes = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    sealed = iv + aes.update(padded) + aes.finalize()
    return sealed + p.hmac_sha256(p.expand(transport_key, "card perso mac", uid), sealed)[: p.TAG_BYTES]


class SmartCard:
    """Each method sends one command; any status but 9000 is `CardRefused`.

    Serves `Device` as its key: a `Device(identity, SmartCard(link), ...)` logs in with the card.
    """

    def __init__(self, link):
        self.link = link

    def command(self, ins, parameters, data=b""):
        answer, status = self.link.send(apdu(ins, parameters, data))
        if status != OK:
            raise CardRefused(status)
        return answer

    def select(self):
        answer, status = self.link.send(SELECT)
        if status != OK:
            raise CardRefused(status)
        reader = p.Reader(answer)
        fixed = ((0, "6f1f8407f0435349474e01a5148002"), (2, "8101"), (1, "8208"), (8, "8301"))
        fields = []
        for length, between in fixed:
            fields.append(reader.take(length))
            assert reader.take(len(between) // 2).hex() == between, answer.hex()
        face = CardFace(fields[1], fields[2][0], fields[3], reader.take(1)[0])
        reader.end()
        return face

    def personalise(self, transport_key, uid, holder):
        self.command(0xDB, 0x0001, seal(transport_key, uid, holder.tlvs()))

    def verify(self, pin):
        self.command(0x20, 0x0081, pin.encode())

    def is_verified(self):
        """Raises `CardRefused` 63Cx or 6983 if not."""
        self.command(0x20, 0x0081)

    def change_pin(self, old, new):
        self.command(0x24, 0x0081, p.s8(old) + p.s8(new))

    def unblock(self, puk, new):
        self.command(0x2C, 0x0081, p.s8(puk) + p.s8(new))

    def read(self, number):
        """GET DATA DF `number`."""
        return self.command(0xCA, 0xDF00 | number)

    def obey(self, ins, kiss, uid, n):
        """DEACTIVATE, ACTIVATE, TERMINATE or EXTERNAL AUTHENTICATE, as the issuer with this Kiss."""
        self.command(ins, 0x0000, card_messages.issuer_proof(kiss, uid, ins, n))

    def reset_to_factory(self):
        """After EXTERNAL AUTHENTICATE, in the same selection."""
        self.command(0xDB, 0x0002)

    def presence(self, challenge):
        """Life cycle, admin counter and proof, as `card_messages.presence` makes them."""
        return self.command(0x88, 0x0002, challenge)

    def admin_counter(self):
        return int.from_bytes(self.read(5), "big")

    def handshake_key(self, identity, server_id):
        """(epoch, r1, hk). The card puts its own identity into hk; `identity` is there for `SoftwareKey`'s sake."""
        answer = self.command(0x88, 0x0001, p.s8(server_id))
        return int.from_bytes(answer[:4], "big"), answer[4:20], answer[20:]

    def checksum(self, digest):
        """(counter, tag)."""
        answer = self.command(0x2A, 0x8E80, tlv(0x80, digest))
        assert answer[:2] == b"\x8e\x10" and answer[18:20] == b"\x02\x04" and len(answer) == 24
        return int.from_bytes(answer[20:], "big"), answer[2:18]
