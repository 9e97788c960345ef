"""What carries commands to a `command.Responder`: the device's topics on a broker, or TCP (docs/protocol.md, section 7)."""

import socket
import threading

from . import mqtt
from . import primitives as p


def topic(device, last):
    return f"countersign/cmd/{device}/{last}"


class Listener:
    """A thread that serves until the `with` ends; what it raises is raised there."""

    def __init__(self):
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._error = None

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(10)
        assert not self._thread.is_alive()
        if self._error:
            raise self._error

    def _run(self):
        try:
            while not self._stop.is_set():
                self.serve()
        except Exception as error:  # noqa: BLE001
            self._error = error


class OverMqtt(Listener):
    """`device` is a `Device` that is logged in. Override `on_wake` and `on_command` to misbehave."""

    def __init__(self, device, responder):
        super().__init__()
        self.device, self.responder = device, responder
        self.seen = []  # command messages as they came
        self.refused = []
        codes = device.connection.subscribe(topic(device.identity, "wake"), topic(device.identity, "command"), qos=1)
        assert all(code < 0x80 for code in codes), codes

    def serve(self):
        try:
            message = self.device.connection.receive(0.05)
        except mqtt.TimedOut:
            return
        if message.topic.endswith("/wake"):
            self.on_wake()
            return
        self.seen.append(message.payload)
        try:
            self.on_command(message.payload)
        except p.Refused as refused:
            self.refused.append(refused.why)

    def on_wake(self):
        self.say("challenge", self.responder.challenge())

    def on_command(self, message):
        self.say("response", self.responder.respond(self.responder.take(message)))

    def say(self, last, payload, **options):
        sent = self.device.publish(topic(self.device.identity, last), payload, **options)
        assert sent.code < 0x80, (last, sent.code)


class OverTcp(Listener):
    """Waits for `wake`, then serves one command a connection. Override `answer` to misbehave."""

    def __init__(self, responder, wake=b""):
        super().__init__()
        self.responder, self.wake = responder, wake
        self.refused = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.settimeout(0.05)
        self.port = self.socket.getsockname()[1]

    def __exit__(self, *arguments):
        super().__exit__(*arguments)
        self.socket.close()

    def serve(self):
        try:
            connection, _ = self.socket.accept()
        except TimeoutError:
            return
        with connection:
            connection.settimeout(5)
            try:
                self.converse(connection)
            except p.Refused as refused:
                self.refused.append(refused.why)

    def converse(self, connection):
        if take(connection, len(self.wake)) != self.wake:
            return
        challenge = self.responder.challenge()
        connection.sendall(challenge)
        self.answer(connection, take(connection, 24))

    def answer(self, connection, message):
        connection.sendall(self.responder.respond(self.responder.take(message)))


def take(connection, count):
    """Exactly so many bytes, or fewer if the peer ended the connection."""
    data = b""
    while len(data) < count and (more := connection.recv(count - len(data))):
        data += more
    return data
