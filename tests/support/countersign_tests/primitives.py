"""Numbers, strings and cryptographic primitives (docs/protocol.md, section 0).

Everything here is a function of its arguments: nothing draws randomness or reads a clock.
"""

import base64
import hashlib
import hmac
import re
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TAG_BYTES = 16
SHORT_TAG_BYTES = 8
MAX_VBI = 2**28 - 1
MAX_KID = 16383
MAX_SEQ = MAX_VBI
MAX_EPOCH = 2**28 - 1
MAX_IDENTITY_BYTES = 64

IDENTITY = re.compile(rb"[A-Za-z0-9._-]{1,64}")
BASE64URL = re.compile(rb"[A-Za-z0-9_-]*")

# The frozen list of docs/protocol.md, section 3: name -> value that leaves the process.
REFUSALS = {
    name: value
    for value, name in enumerate(
        "none malformed unknown_sender unknown_kid bad_tag replayed stale duplicate forked unsigned "
        "denied out_of_range enforcement expired expelled blocked disabled qos2 retain will busy "
        "bad_handshake old_epoch cloned not_sealed card_required too_large internal".split()
    )
}


class Refused(Exception):
    """Foreign bytes were refused; `why` is one of `REFUSALS`, the text is for people."""

    def __init__(self, why, text=""):
        super().__init__(f"{why}: {text}" if text else why)
        self.why = why


def malformed(text):
    return Refused("malformed", text)


def to_bytes(value):
    """Text as UTF-8; bytes unchanged."""
    return value.encode() if isinstance(value, str) else bytes(value)


# numbers and strings


def u8(n):
    return struct.pack(">B", n)


def u16(n):
    return struct.pack(">H", n)


def u32(n):
    return struct.pack(">I", n)


def u64(n):
    return struct.pack(">Q", n)


def vbi(n):
    """MQTT Variable Byte Integer, minimal form (MQTT 5, section 1.5.5)."""
    if not 0 <= n <= MAX_VBI:
        raise ValueError(f"{n} does not fit a variable byte integer")
    out = bytearray()
    while True:
        n, digit = divmod(n, 128)
        out.append(digit | (0x80 if n else 0))
        if not n:
            return bytes(out)


def s8(value):
    value = to_bytes(value)
    return u8(len(value)) + value


def s16(value):
    value = to_bytes(value)
    return u16(len(value)) + value


def identity_bytes(value):
    """The identity as bytes. Raises `malformed` for anything the grammar does not allow."""
    value = to_bytes(value)
    if not IDENTITY.fullmatch(value):
        raise malformed("identity is not 1 to 64 of A-Z a-z 0-9 . _ -")
    return value


class Reader:
    """Takes fields off the front of foreign bytes; everything missing or left over is `malformed`."""

    def __init__(self, data):
        self.data = bytes(data)
        self.at = 0

    def take(self, count, what="field"):
        if len(self.data) - self.at < count:
            raise malformed(f"{what} is cut off")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, size, what="number"):
        return int.from_bytes(self.take(size, what), "big")

    def vbi(self, max_bytes, what="number"):
        value = 0
        for place in range(max_bytes):
            digit = self.take(1, what)[0]
            value |= (digit & 0x7F) << (7 * place)
            if not digit & 0x80:
                if digit == 0 and place > 0:
                    raise malformed(f"{what} is not in its minimal form")
                return value
        raise malformed(f"{what} is longer than {max_bytes} bytes")

    def s8(self, what="string"):
        return self.take(self.number(1, what), what)

    def s16(self, what="string"):
        return self.take(self.number(2, what), what)

    def rest(self):
        return self.take(len(self.data) - self.at)

    def read_so_far(self):
        return self.data[: self.at]

    def end(self):
        if self.at != len(self.data):
            raise malformed(f"{len(self.data) - self.at} bytes too many")


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text):
    """Exactly what `base64url` writes: no padding, no other alphabet, no stray low bits."""
    text = to_bytes(text)
    if not BASE64URL.fullmatch(text) or len(text) % 4 == 1:
        raise malformed("not unpadded base64url")
    data = base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    if base64url(data).encode() != text:
        raise malformed("base64url is not canonical")
    return data


# cryptography


def sha256(data):
    return hashlib.sha256(data).digest()


def hmac_sha256(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def same_tag(a, b):
    return hmac.compare_digest(a, b)


def expand(key, label, context=b""):
    """HKDF-Expand (RFC 5869, section 2.3) with L = 32 and one HMAC call."""
    return hmac_sha256(key, b"cs1 " + to_bytes(label) + b"\0" + context + b"\x01")


def hkdf(salt, ikm, info):
    """RFC 5869, sections 2.2 and 2.3, with L = 32."""
    return hmac_sha256(hmac_sha256(salt, ikm), to_bytes(info) + b"\x01")


def aead_seal(key, nonce, aad, plain):
    return AESGCM(key).encrypt(nonce, plain, aad)


def aead_open(key, nonce, aad, sealed, why="bad_tag"):
    try:
        return AESGCM(key).decrypt(nonce, sealed, aad)
    except (InvalidTag, ValueError):
        raise Refused(why, "does not open") from None


def dh_public(private):
    return (
        X25519PrivateKey.from_private_bytes(private)
        .public_key()
        .public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    )


def dh(private, public):
    """X25519 (RFC 7748). The all-zero result is refused as `bad_handshake`."""
    try:
        shared = X25519PrivateKey.from_private_bytes(private).exchange(
            X25519PublicKey.from_public_bytes(public)
        )
    except ValueError:
        shared = bytes(32)
    if shared == bytes(32):
        raise Refused("bad_handshake", "the peer's point has low order")
    return shared
