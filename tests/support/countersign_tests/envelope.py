"""The signed envelope CS1, as payload and as the MQTT 5 user property `cs1` (docs/protocol.md, section 1)."""

from dataclasses import dataclass

from . import primitives as p

MARK = 0xC0
SEALED, RETAIN, SHORT_TAG, ON_CARD = 1, 2, 4, 8
FORBIDDEN_PAIRS = (SEALED | SHORT_TAG, SEALED | ON_CARD, ON_CARD | SHORT_TAG)

PAYLOAD_FORMAT, CONTENT_TYPE, RESPONSE_TOPIC, CORRELATION_DATA = 0x01, 0x03, 0x08, 0x09


def encode_props(payload_format=None, content_type=None, response_topic=None, correlation_data=None):
    """The MQTT 5 properties the tag covers, in their fixed order, only those that are present."""
    out = b""
    if payload_format is not None:
        out += p.u8(PAYLOAD_FORMAT) + p.u8(payload_format)
    for number, value in (
        (CONTENT_TYPE, content_type),
        (RESPONSE_TOPIC, response_topic),
        (CORRELATION_DATA, correlation_data),
    ):
        if value is not None:
            out += p.u8(number) + p.s16(value)
    if len(out) > 65535:
        raise p.malformed("properties are longer than 65,535 bytes")
    return out


@dataclass(frozen=True)
class DirectionKeys:
    """The keys of one session in one direction."""

    mac: bytes
    enc: bytes
    iv: bytes

    def nonce(self, seq):
        mask = bytes(8) + p.u32(seq)
        return bytes(a ^ b for a, b in zip(self.iv, mask))


def direction_keys(sk, direction):
    """`direction` is "up" (sender to T) or "down" (T to client)."""
    return DirectionKeys(
        mac=p.expand(sk, f"{direction} mac"),
        enc=p.expand(sk, f"{direction} enc")[:16],
        iv=p.expand(sk, f"{direction} iv")[:12],
    )


@dataclass(frozen=True)
class CardKeys:
    """What T needs for on-card tags: the key of the card's checksums and the session's binding."""

    cc: bytes
    bind: bytes


def card_keys(k, sk):
    return CardKeys(cc=p.expand(k, "card cc"), bind=p.expand(sk, "card bind"))


@dataclass(frozen=True)
class Header:
    flags: int
    kid: int
    seq: int
    card_counter: int = None

    def without_counter(self):
        return p.u8(MARK | self.flags) + p.vbi(self.kid) + p.vbi(self.seq)

    def encode(self):
        counter = p.u32(self.card_counter) if self.flags & ON_CARD else b""
        return self.without_counter() + counter

    def tag_bytes(self):
        return p.SHORT_TAG_BYTES if self.flags & SHORT_TAG else p.TAG_BYTES


@dataclass(frozen=True)
class Claim:
    """A parsed envelope: what it says, nothing verified yet."""

    header: Header
    body: bytes
    tag: bytes


def context(topic, props):
    return p.s16(topic) + p.s16(props)


def mac_tag(keys, header, topic, props, payload):
    full = p.hmac_sha256(keys.mac, header.encode() + context(topic, props) + p.to_bytes(payload))
    return full[: header.tag_bytes()]


def card_digest(card_bind, header, topic, props, payload):
    """What the host hands to the card (section 9): the counter is not known yet and not in it."""
    return p.sha256(
        b"cs1 card env\0"
        + card_bind
        + header.without_counter()
        + context(topic, props)
        + p.to_bytes(payload)
    )


def card_checksum(cc, counter, digest):
    """What the card computes in COMPUTE CRYPTOGRAPHIC CHECKSUM (section 9)."""
    return p.hmac_sha256(cc, p.u32(counter) + digest)[: p.TAG_BYTES]


def seal_claim(keys, header, topic, props, payload):
    """Body and tag for a header of any kind but on-card."""
    payload = p.to_bytes(payload)
    if not header.flags & SEALED:
        return Claim(header, payload, mac_tag(keys, header, topic, props, payload))
    aad = header.encode() + context(topic, props)
    sealed = p.aead_seal(keys.enc, keys.nonce(header.seq), aad, payload)
    return Claim(header, sealed[: -p.TAG_BYTES], sealed[-p.TAG_BYTES :])


def seal_on_card(cc_tag, card_bind, header, topic, props, payload):
    """`cc_tag(digest) -> (counter, tag)` stands for the card."""
    payload = p.to_bytes(payload)
    counter, tag = cc_tag(card_digest(card_bind, header, topic, props, payload))
    return Claim(Header(header.flags, header.kid, header.seq, counter), payload, tag)


def as_payload(claim):
    return claim.header.encode() + claim.body + claim.tag


def as_property(claim):
    """(value of the user property `cs1`, payload to publish)."""
    return p.base64url(claim.header.encode() + claim.tag), claim.body


def looks_signed(payload):
    """Whether a payload claims to be an envelope at all: 0xC in the upper half of its first byte."""
    return bytes(payload[:1]) != b"" and payload[0] & 0xF0 == MARK


def _parse_header(reader):
    first = reader.number(1, "first byte")
    if first & 0xF0 != MARK:
        raise p.malformed("first byte is not 0xC0 with flags in its low half")
    flags = first & 0x0F
    if any(flags & pair == pair for pair in FORBIDDEN_PAIRS):
        raise p.malformed("flags exclude each other")
    kid = reader.vbi(2, "kid")
    if kid == 0:
        raise p.malformed("kid is 0")
    seq = reader.vbi(4, "seq")
    counter = reader.number(4, "card counter") if flags & ON_CARD else None
    return Header(flags, kid, seq, counter)


def parse_payload(wire):
    """An envelope in payload form. Raises `unsigned` if it claims to be none, else `malformed`."""
    if not looks_signed(wire):
        raise p.Refused("unsigned")
    reader = p.Reader(wire)
    header = _parse_header(reader)
    rest = reader.rest()
    tag_bytes = header.tag_bytes()
    if len(rest) < tag_bytes:
        raise p.malformed("tag is cut off")
    return Claim(header, rest[: len(rest) - tag_bytes], rest[len(rest) - tag_bytes :])


def parse_property(cs1, payload):
    """An envelope in property form: `cs1` the property's value(s), `payload` as published."""
    values = [cs1] if isinstance(cs1, (str, bytes)) else list(cs1)
    if len(values) != 1:
        raise p.malformed("more than one cs1 property")
    reader = p.Reader(p.from_base64url(values[0]))
    header = _parse_header(reader)
    tag = reader.take(header.tag_bytes(), "tag")
    reader.end()
    return Claim(header, bytes(payload), tag)


def open_claim(keys, claim, topic, props=b"", card=None):
    """The verified payload. `card` (CardKeys) is needed for on-card tags. Raises `bad_tag`."""
    header = claim.header
    if header.flags & SEALED:
        aad = header.encode() + context(topic, props)
        return p.aead_open(keys.enc, keys.nonce(header.seq), aad, claim.body + claim.tag)
    if header.flags & ON_CARD:
        if card is None:
            raise p.Refused("bad_tag", "this identity has no card")
        digest = card_digest(card.bind, header, topic, props, claim.body)
        expected = card_checksum(card.cc, header.card_counter, digest)
    else:
        expected = mac_tag(keys, header, topic, props, claim.body)
    if not p.same_tag(expected, claim.tag):
        raise p.Refused("bad_tag")
    return claim.body
