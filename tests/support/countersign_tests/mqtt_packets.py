"""MQTT 3.1.1 and 5 packets as bytes, for a client that may also send wrong ones."""

import struct
from dataclasses import dataclass, field

V311, V5 = 4, 5

CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP = range(1, 8)
SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT, AUTH = range(8, 16)

# name -> (identifier, type), MQTT 5, section 2.2.2.2
PROPERTIES = {
    "payload_format": (0x01, "u8"),
    "message_expiry": (0x02, "u32"),
    "content_type": (0x03, "text"),
    "response_topic": (0x08, "text"),
    "correlation_data": (0x09, "text"),
    "subscription_id": (0x0B, "vbi"),
    "session_expiry": (0x11, "u32"),
    "assigned_client_id": (0x12, "text"),
    "server_keepalive": (0x13, "u16"),
    "auth_method": (0x15, "text"),
    "auth_data": (0x16, "text"),
    "request_problem_info": (0x17, "u8"),
    "will_delay": (0x18, "u32"),
    "request_response_info": (0x19, "u8"),
    "response_info": (0x1A, "text"),
    "server_reference": (0x1C, "text"),
    "reason": (0x1F, "text"),
    "receive_maximum": (0x21, "u16"),
    "topic_alias_maximum": (0x22, "u16"),
    "topic_alias": (0x23, "u16"),
    "maximum_qos": (0x24, "u8"),
    "retain_available": (0x25, "u8"),
    "user": (0x26, "pair"),
    "maximum_packet_size": (0x27, "u32"),
    "wildcard_available": (0x28, "u8"),
    "subscription_ids_available": (0x29, "u8"),
    "shared_available": (0x2A, "u8"),
}
NAMES = {number: (name, kind) for name, (number, kind) in PROPERTIES.items()}
INTEGERS = {"u8": ">B", "u16": ">H", "u32": ">I"}


def to_bytes(value):
    return value.encode() if isinstance(value, str) else bytes(value)


def text(value):
    value = to_bytes(value)
    return struct.pack(">H", len(value)) + value


def vbi(n):
    out = bytearray()
    while True:
        n, digit = divmod(n, 128)
        out.append(digit | (0x80 if n else 0))
        if not n:
            return bytes(out)


def _property(kind, value):
    if kind in INTEGERS:
        return struct.pack(INTEGERS[kind], value)
    if kind == "vbi":
        return vbi(value)
    if kind == "pair":
        return text(value[0]) + text(value[1])
    return text(value)


def encode_properties(properties):
    """From {"content_type": "text/plain", "user": [("a", "b")]}; a list or bytes go as they are given."""
    if isinstance(properties, bytes):
        return vbi(len(properties)) + properties
    out = b""
    for name, value in (properties or {}).items():
        number, kind = PROPERTIES[name]
        for one in value if isinstance(value, list) else [value]:
            out += vbi(number) + _property(kind, one)
    return vbi(len(out)) + out


class PacketReader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        if count > len(self.data) - self.at:
            raise ValueError("packet is cut off")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, fmt):
        return struct.unpack(fmt, self.take(struct.calcsize(fmt)))[0]

    def text(self):
        return self.take(self.number(">H"))

    def vbi(self):
        value = shift = 0
        while True:
            digit = self.take(1)[0]
            value |= (digit & 0x7F) << shift
            if not digit & 0x80:
                return value
            shift += 7

    def rest(self):
        return self.take(len(self.data) - self.at)

    def properties(self):
        """As `encode_properties` takes them; strings as text, correlation and auth data as bytes."""
        inner = PacketReader(self.take(self.vbi()))
        found = {}
        while inner.at < len(inner.data):
            name, kind = NAMES[inner.vbi()]
            value = inner.value(name, kind)
            if kind == "pair":
                found.setdefault(name, []).append(value)
            else:
                found[name] = value
        return found

    def value(self, name, kind):
        if kind in INTEGERS:
            return self.number(INTEGERS[kind])
        if kind == "vbi":
            return self.vbi()
        if kind == "pair":
            return self.text().decode(), self.text().decode()
        value = self.text()
        return value if name in ("correlation_data", "auth_data") else value.decode()


def packet(kind, body=b"", flags=0):
    return bytes([kind << 4 | flags]) + vbi(len(body)) + body


@dataclass
class Will:
    topic: str
    payload: bytes = b""
    qos: int = 0
    retain: bool = False
    properties: dict = field(default_factory=dict)


def connect(client_id, *, version, username, password, will, clean, keepalive, properties):
    flags = 2 if clean else 0
    tail = text(client_id)
    if will:
        flags |= 4 | will.qos << 3 | (0x20 if will.retain else 0)
        tail += encode_properties(will.properties) if version == V5 else b""
        tail += text(will.topic) + text(will.payload)
    if username is not None:
        flags |= 0x80
        tail += text(username)
    if password is not None:
        flags |= 0x40
        tail += text(password)
    head = text("MQTT") + bytes([version, flags]) + struct.pack(">H", keepalive)
    props = encode_properties(properties) if version == V5 else b""
    return packet(CONNECT, head + props + tail)


def publish(topic, payload, *, version, qos=0, retain=False, dup=False, packet_id=None, properties=None):
    body = text(topic)
    if qos:
        body += struct.pack(">H", packet_id)
    if version == V5:
        body += encode_properties(properties)
    flags = (8 if dup else 0) | qos << 1 | (1 if retain else 0)
    return packet(PUBLISH, body + to_bytes(payload), flags)


def subscribe(packet_id, filters, *, version, properties=None):
    body = struct.pack(">H", packet_id)
    body += encode_properties(properties) if version == V5 else b""
    return packet(SUBSCRIBE, body + b"".join(text(f) + bytes([options]) for f, options in filters), 2)


def unsubscribe(packet_id, filters, *, version):
    body = struct.pack(">H", packet_id) + (b"\0" if version == V5 else b"")
    return packet(UNSUBSCRIBE, body + b"".join(text(f) for f in filters), 2)


@dataclass(frozen=True)
class Message:
    topic: str
    payload: bytes
    qos: int
    retain: bool
    dup: bool
    packet_id: int
    properties: dict

    def user(self, name):
        """Values of the user property `name`."""
        return [value for key, value in self.properties.get("user", []) if key == name]


def parse_publish(flags, body, version):
    reader = PacketReader(body)
    topic, qos = reader.text().decode(), flags >> 1 & 3
    packet_id = reader.number(">H") if qos else None
    properties = reader.properties() if version == V5 else {}
    return Message(topic, reader.rest(), qos, bool(flags & 1), bool(flags & 8), packet_id, properties)


@dataclass(frozen=True)
class Ack:
    """Any answer: its reason code (0 where 3.1.1 has none) and, in MQTT 5, its properties."""

    kind: int
    packet_id: int = None
    code: int = 0
    codes: tuple = ()
    session_present: bool = False
    properties: dict = field(default_factory=dict)


def _parse_suback(kind, reader, version):
    packet_id = reader.number(">H")
    properties = reader.properties() if version == V5 else {}
    codes = tuple(reader.rest())
    return Ack(kind, packet_id, max(codes, default=0), codes, properties=properties)


def parse_ack(kind, body, version):
    reader = PacketReader(body)
    if kind == CONNACK:
        present, code = reader.number(">B"), reader.number(">B")
        properties = reader.properties() if version == V5 and reader.at < len(body) else {}
        return Ack(kind, code=code, session_present=bool(present & 1), properties=properties)
    if kind in (SUBACK, UNSUBACK):
        return _parse_suback(kind, reader, version)
    packet_id = reader.number(">H") if kind in (PUBACK, PUBREC, PUBREL, PUBCOMP) else None
    code = reader.number(">B") if reader.at < len(body) else 0
    properties = reader.properties() if reader.at < len(body) else {}
    return Ack(kind, packet_id, code, properties=properties)
