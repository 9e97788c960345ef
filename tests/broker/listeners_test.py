"""A signature does not depend on how its bytes came: over WebSocket, TLS and both (docs/protocol.md, section 1)."""

import contextlib
import random
import socket
import ssl
import subprocess

import pytest
from countersign_tests import config, mqtt
from countersign_tests.broker import BrokerError
from countersign_tests.plant import Plant
from countersign_tests.web_socket import WebSockets

CERTIFICATE = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-batch",
               "-keyout", "server.pem", "-out", "server.crt", "-days", "2", "-subj", "/CN=localhost",
               "-addext", "subjectAltName=IP:127.0.0.1"]
WITHOUT_WEBSOCKETS = "Websockets support not available"
BAD_MESSAGES = 8
WAYS = {"tls, mqtt311": mqtt.V311, "tls, mqtt5": mqtt.V5, "websocket, mqtt311": mqtt.V311,
        "websocket over tls, mqtt5": mqtt.V5}


def listener_port():
    """A free port below those of outgoing connections: a WebSocket listener cannot open where one just was."""
    while True:
        port = random.randint(20000, 30000)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


class Listener:
    """A second listener of a plant: its port, and what a client puts between itself and TCP."""

    def __init__(self, folder, layers):
        self.port = listener_port()
        self.lines, self.wrap = [f"listener {self.port} 127.0.0.1"], None
        if "tls" in layers:
            subprocess.run(CERTIFICATE, cwd=folder, check=True, capture_output=True, timeout=60)
            (folder / "server.pem").chmod(0o644)
            self.lines += [f"certfile {folder}/server.crt", f"keyfile {folder}/server.pem"]
            self.wrap = ssl.create_default_context(cafile=folder / "server.crt")
        if "websocket" in layers:
            self.lines += ["protocol websockets"]
            self.wrap = WebSockets(self.wrap)


@pytest.fixture(scope="module", params=WAYS)
def way(request):
    return request.param


@pytest.fixture
def version(way):
    return WAYS[way]


@pytest.fixture(scope="module")
def listener(way, tmp_path_factory):
    return Listener(tmp_path_factory.mktemp("listener"), way)


@pytest.fixture(scope="module")
def plant(listener):
    rules = [config.rule("plant/%d/t", subscribe=["anyone"]),
             config.rule("plant/%d/secret", sealed=True, subscribe=["anyone"])]
    with contextlib.ExitStack() as stack:
        try:
            plant = stack.enter_context(Plant(rules, extra=listener.lines))
        except BrokerError as error:
            if WITHOUT_WEBSOCKETS in str(error):
                pytest.skip("this broker was built without WebSockets")
            raise
        yield plant


@pytest.fixture
def mote(new_mote, version, listener):
    """A device that comes through the listener, logged in."""
    device = new_mote(version, log_in=False)
    device.port, device.tls = listener.port, listener.wrap
    device.login()
    yield device
    device.connection.abandon()


def plain_of(message):
    return message.topic, message.payload


def test_a_device_logs_in_and_its_reading_arrives_plain(mote, reader):
    topic = f"plant/{mote.identity}/t"
    assert mote.publish(topic, "21.5").code == 0
    message = reader.receive()
    assert plain_of(message) == (topic, b"21.5") and message.user("cs-id") == [mote.identity]


def test_a_payload_of_any_length_arrives(mote, reader):
    """A WebSocket spells lengths in three ways."""
    topic = f"plant/{mote.identity}/secret"
    for size in (0, 1, 60, 200, 65535, 70000):
        assert mote.publish(topic, b"x" * size, sealed=True).code == 0
        assert plain_of(reader.receive()) == (topic, b"x" * size)


def test_a_device_takes_its_session_up_again(mote, reader):
    mote.close()
    assert mote.resume().code == 0
    mote.publish(f"plant/{mote.identity}/t", "21.5")
    assert reader.receive().user("cs-id") == [mote.identity]


def test_a_session_may_move_between_listeners(plant, mote, reader):
    through, mote.port, mote.tls = mote.connection, plant.broker.port, None
    assert mote.resume().code == 0
    mote.publish(f"plant/{mote.identity}/t", "21.5")
    assert reader.receive().payload == b"21.5"
    through.abandon()


def test_a_forged_reading_is_refused(mote, assert_refused):
    topic = f"plant/{mote.identity}/t"

    def act():
        wire = mote.session.sign(topic, b"21.5")
        forged = wire.header.encode() + b"99.9" + wire.tag
        return mote.connection.publish(topic, forged, qos=1)
    line = assert_refused(mote, "bad_tag", act, notice=False)
    assert line["identity"] == mote.identity


def test_an_unsigned_reading_is_refused(mote, assert_refused):
    assert_refused(mote, "unsigned", lambda: mote.connection.publish(f"plant/{mote.identity}/t", b"21.5", qos=1),
                   notice=False)


def test_a_replayed_reading_is_refused_and_its_sender_told(mote, reader, assert_refused):
    first = mote.publish(f"plant/{mote.identity}/t", "21.5")
    assert reader.receive().payload == b"21.5"
    assert_refused(mote, "duplicate", lambda: first.send_from(mote.connection))


def test_who_keeps_forging_is_closed(mote, reader):
    for _ in range(BAD_MESSAGES):
        mote.connection.publish(f"plant/{mote.identity}/t", b"21.5")
    assert mote.connection.wait_closed()
    assert reader.pending() == []


def test_nobody_takes_a_devices_client_id_there(mote, listener, version, new_address):
    mote.resume()
    thief = mqtt.Client(listener.port, version=version, tls=listener.wrap, source=new_address())
    assert thief.connect(mote.identity, check=False).code in (5, 0x87)
    assert mote.connection.is_open()
    thief.abandon()
