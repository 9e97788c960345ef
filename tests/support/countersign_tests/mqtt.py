"""A small MQTT client over a raw socket, 3.1.1 and 5, for tests and attacks.

One thread, no background work: bytes are read while a call waits. Every wait is bounded.
"""

import collections
import select
import socket
import struct
import time

from . import mqtt_packets as packets
from .mqtt_packets import V5, V311, Will  # noqa: F401  (part of this module's interface)


class MqttError(Exception):
    pass


class TimedOut(MqttError):
    """What was waited for did not come; the connection may be fine."""


class Closed(MqttError):
    """The broker ended the connection. `code` is that of its DISCONNECT, None if it sent none."""

    def __init__(self, text, code=None):
        super().__init__(text if code is None else f"{text}, reason {code:#04x}")
        self.code = code


class ConnectRefused(MqttError):
    """CONNACK with a code other than 0."""

    def __init__(self, code):
        super().__init__(f"connection refused, code {code:#04x}")
        self.code = code


class Client:
    def __init__(self, port, host="127.0.0.1", version=V311, tls=None, timeout=5.0, source=None):
        """Opens the TCP (or TLS, `tls` an ssl.SSLContext) connection; `connect` comes next.

        `source` is the address to come from: all of 127.0.0.0/8 is this machine's.
        """
        self.version, self.timeout = version, timeout
        self.socket = socket.create_connection((host, port), timeout, (source, 0) if source else None)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname=host)
        self.client_id = None
        self.messages = collections.deque()
        self.acks = []
        self.closed = None
        self._buffer = b""
        self._last_id = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.abandon()

    # sending

    def send(self, data):
        """Any bytes at all."""
        try:
            self.socket.sendall(data)
        except OSError as error:
            self._lost(f"cannot send: {error}")
            raise self.closed from None

    def connect(
        self, client_id, *, username=None, password=None, will=None, clean=True, keepalive=0,
        properties=None, check=True,
    ):
        """The CONNACK. Raises `ConnectRefused` unless `check` is False, `Closed` if there is none."""
        self.client_id = client_id
        self.send(packets.connect(
            client_id, version=self.version, username=username, password=password, will=will,
            clean=clean, keepalive=keepalive, properties=properties,
        ))
        ack = self.wait_ack(packets.CONNACK)
        if ack.code and check:
            raise ConnectRefused(ack.code)
        return ack

    def publish(
        self, topic, payload=b"", *, qos=0, retain=False, dup=False, packet_id=None, properties=None,
        wait=True,
    ):
        """The reason code: of PUBACK (QoS 1), of PUBREC or else PUBCOMP (QoS 2), 0 for QoS 0."""
        if qos and packet_id is None:
            packet_id = self.next_id()
        self.send(packets.publish(
            topic, payload, version=self.version, qos=qos, retain=retain, dup=dup,
            packet_id=packet_id, properties=properties,
        ))
        if not qos or not wait:
            return 0
        if qos == 1:
            return self.wait_ack(packets.PUBACK, packet_id).code
        return self.finish_qos2(packet_id)

    def finish_qos2(self, packet_id):
        code = self.wait_ack(packets.PUBREC, packet_id).code
        if code >= 0x80:
            return code
        self.send(packets.packet(packets.PUBREL, struct.pack(">H", packet_id), 2))
        return self.wait_ack(packets.PUBCOMP, packet_id).code

    def subscribe(self, *filters, qos=0, properties=None):
        """The reason codes of the SUBACK, one per filter (0x80 and up: refused)."""
        packet_id = self.next_id()
        pairs = [(one, qos) for one in filters]
        self.send(packets.subscribe(packet_id, pairs, version=self.version, properties=properties))
        return self.wait_ack(packets.SUBACK, packet_id).codes

    def unsubscribe(self, *filters):
        packet_id = self.next_id()
        self.send(packets.unsubscribe(packet_id, filters, version=self.version))
        return self.wait_ack(packets.UNSUBACK, packet_id).codes

    def ping(self):
        """Returns after the broker has handled everything sent before."""
        self.send(packets.packet(packets.PINGREQ))
        self.wait_ack(packets.PINGRESP)

    def disconnect(self, code=0):
        """An orderly end: no will (unless MQTT 5 `code` is 4)."""
        body = bytes([code]) if self.version == V5 and code else b""
        if not self.closed:
            self.send(packets.packet(packets.DISCONNECT, body))
        self.abandon()

    def abandon(self):
        """Closes the socket without a word."""
        self.socket.close()
        self.closed = self.closed or Closed("closed by this side")

    def next_id(self):
        self._last_id = self._last_id % 65535 + 1
        return self._last_id

    # receiving

    def receive(self, timeout=None, topic=None):
        """The next message, of `topic` if given (others stay queued). Raises `TimedOut` or `Closed`."""
        return self._wait(lambda: self._take_message(topic), timeout, f"no message on {topic or 'any topic'}")

    def receive_none(self, timeout=0.3, topic=None):
        """True if nothing comes. Prefer a `ping` and an empty queue where order allows it."""
        try:
            self.receive(timeout, topic)
        except TimedOut:
            return True
        return False

    def pending(self, topic=None):
        """Everything delivered up to now, in order: what was sent before a ping's answer."""
        self.ping()
        taken = []
        while (message := self._take_message(topic)) is not None:
            taken.append(message)
        return taken

    def wait_ack(self, kind, packet_id=None, timeout=None):
        return self._wait(lambda: self._take_ack(kind, packet_id), timeout, f"no answer of type {kind}")

    def wait_closed(self, timeout=None):
        """The `Closed` that says how the broker ended the connection. Raises `TimedOut` if it did not."""
        try:
            self._wait(lambda: None, timeout, "the connection is still open")
        except Closed as closed:
            return closed

    def is_open(self):
        try:
            self.ping()
        except Closed:
            return False
        return True

    def _take_message(self, topic):
        for message in self.messages:
            if topic is None or message.topic == topic:
                self.messages.remove(message)
                return message
        return None

    def _take_ack(self, kind, packet_id):
        for ack in self.acks:
            if ack.kind == kind and packet_id in (None, ack.packet_id):
                self.acks.remove(ack)
                return ack
        return None

    def _wait(self, take, timeout, what):
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        while True:
            found = take()
            if found is not None:
                return found
            if self.closed:
                raise self.closed
            if not self._pump(deadline - time.monotonic()):
                raise TimedOut(what)

    def _pump(self, remaining):
        """Reads once and handles whole packets. False when the time is over."""
        pending = getattr(self.socket, "pending", lambda: 0)()
        if not pending and not self._readable(max(remaining, 0)):
            return False
        try:
            data = self.socket.recv(65536)
        except OSError as error:
            self._lost(f"connection lost: {error}")
            return True
        if not data:
            self._lost("closed by the broker")
        self._buffer += data
        while (whole := self._next_packet()) is not None:
            self._handle(*whole)
        return True

    def _readable(self, seconds):
        poll = select.poll()  # select() knows no descriptor above 1,023
        poll.register(self.socket, select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def _lost(self, text):
        self.closed = self.closed or Closed(text)
        self.socket.close()

    def _next_packet(self):
        reader = packets.PacketReader(self._buffer)
        try:
            first, size = reader.number(">B"), reader.vbi()
            body = reader.take(size)
        except ValueError:
            return None
        self._buffer = self._buffer[reader.at :]
        return first >> 4, first & 15, body

    def _handle(self, kind, flags, body):
        if kind == packets.PUBLISH:
            message = packets.parse_publish(flags, body, self.version)
            self.messages.append(message)
            if message.qos:
                self._answer(packets.PUBACK if message.qos == 1 else packets.PUBREC, message.packet_id)
            return
        ack = packets.parse_ack(kind, body, self.version)
        if kind == packets.PUBREL:
            self._answer(packets.PUBCOMP, ack.packet_id)
        elif kind == packets.DISCONNECT:
            self.closed = Closed("disconnected by the broker", ack.code)
        else:
            self.acks.append(ack)

    def _answer(self, kind, packet_id):
        self.send(packets.packet(kind, struct.pack(">H", packet_id)))
