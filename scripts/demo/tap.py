"""Somebody on the line between one client and the broker: reads every byte, and can add MQTT packets of its own.

The client connects to `Tap.port` and never notices; the broker sees one connection.
"""

import queue
import socket
import threading

from countersign_tests import mqtt_packets as packets

FIRST_OWN_ID = 60000
ANSWER_SECONDS = 5.0


class Framer:
    """Cuts a stream into whole packets: (type, flags, body, the bytes as they were)."""

    def __init__(self):
        self._buffer = b""

    def feed(self, data):
        self._buffer += data
        while True:
            reader = packets.PacketReader(self._buffer)
            try:
                first, size = reader.number(">B"), reader.vbi()
                body = reader.take(size)
            except (ValueError, IndexError):
                return
            whole, self._buffer = self._buffer[: reader.at], self._buffer[reader.at :]
            yield first >> 4, first & 15, body, whole


class Line:
    """One tapped connection.

    published   what the client published, parsed
    answers     the broker's CONNACK, and its DISCONNECT if it sent one
    """

    def __init__(self, client, broker):
        self.client, self.broker = client, broker
        self.version = packets.V311
        self.published = []
        self.answers = []
        self.open = True
        self._sending = threading.Lock()
        self._own_id = FIRST_OWN_ID
        self._own_acks = queue.Queue()

    def run(self):
        for target in (self._up, self._down):
            threading.Thread(target=target, daemon=True).start()

    def inject(self, topic, payload, properties=None):
        """Publishes (QoS 1) on the client's own connection. Returns the broker's reason code."""
        self._own_id += 1
        self._to_broker(packets.publish(
            topic, payload, version=self.version, qos=1, packet_id=self._own_id, properties=properties))
        return self._own_acks.get(timeout=ANSWER_SECONDS).code

    def close(self):
        self.open = False
        for end in (self.client, self.broker):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()

    def _to_broker(self, whole):
        with self._sending:
            self.broker.sendall(whole)

    def _up(self):
        self._copy(self.client, self._take_up)

    def _down(self):
        self._copy(self.broker, self._take_down)

    def _copy(self, source, take):
        framer = Framer()
        try:
            while data := source.recv(65536):
                for packet in framer.feed(data):
                    take(*packet)
        except OSError:
            pass
        self.close()

    def _take_up(self, kind, flags, body, whole):
        if kind == packets.CONNECT:
            self.version = body[6]
        if kind == packets.PUBLISH:
            self.published.append(packets.parse_publish(flags, body, self.version))
        self._to_broker(whole)

    def _take_down(self, kind, flags, body, whole):
        if kind == packets.PUBACK:
            ack = packets.parse_ack(kind, body, self.version)
            if ack.packet_id > FIRST_OWN_ID:
                self._own_acks.put(ack)
                return
        elif kind in (packets.CONNACK, packets.DISCONNECT):
            self.answers.append(packets.parse_ack(kind, body, self.version))
        self.client.sendall(whole)


class Tap:
    """Listens on a free loopback port and connects every client through to the broker."""

    def __init__(self, broker_port):
        self._broker_port = broker_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.lines = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
                broker = socket.create_connection(("127.0.0.1", self._broker_port))
            except OSError:
                return
            for end in (client, broker):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            line = Line(client, broker)
            self.lines.append(line)
            line.run()

    def live(self):
        """The line that is open now, the newest if there are several. None if there is none."""
        return next((line for line in reversed(self.lines) if line.open), None)

    def captured(self, wanted):
        """Every publish so far for which `wanted` holds, in order."""
        return [message for line in self.lines for message in list(line.published) if wanted(message)]

    def close(self):
        self._listener.close()
        for line in self.lines:
            line.close()
