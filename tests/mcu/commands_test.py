"""`countersign command send` to a board, through the broker and over TCP, and attacks on its TCP port (docs/protocol.md, section 7)."""

import contextlib
import json
import pathlib
import re
import secrets
import socket
import tomllib

import pytest
from countersign_tests import command as c
from countersign_tests import command_links, mqtt
from countersign_tests import plant as plants
from countersign_tests.broker import free_port
from countersign_tests.motes import assert_chain

pytestmark = pytest.mark.host(1)

WORDS = ["ping", "report", "rekey", "pause", "resume"]
WAKE = "77616b65"
COMMAND_PORT = 7000
PAGE = (pathlib.Path(__file__).resolve().parents[2] / "docs/configuration.md").read_text()
RULES = tomllib.loads(re.search(r"### The rules of commands\n.*?```toml\n(.*?)```", PAGE, re.S)[1])["rule"]


@pytest.fixture
def plant(new_plant):
    return new_plant(RULES)


class Panel:
    """A commander and the secret that it shares with boards."""

    def __init__(self, plant):
        self.plant = plant
        self.key_file = plant.directory / "panel-1.key"
        made = plant.cli("key", "new", "panel-1", "--server-id", plants.SERVER_ID, "-o", self.key_file)
        assert made.returncode == 0, made.stderr
        plant.admin.register("panel-1", plants.read_key_file(self.key_file)["key"], roles=["commander"])
        self.secret = self.file("panel-1", secrets.token_hex(32))

    def file(self, name, k):
        path = self.plant.directory / f"{name}.secret"
        path.touch(0o600)
        path.write_text(k + "\n")
        return path

    @property
    def commanders(self):
        return {"panel-1": self.secret.read_text().strip()}

    def _send(self, mote, word, link, wait, secret):
        words = ["command", "send", mote.identity, word, "--secret", secret or self.secret, "-W", wait, "-r", "done", "--json"]
        done = self.plant.cli(*words, *link)
        return json.loads(done.stdout) | {"code": done.returncode}

    def send(self, mote, word, *, wait=10, secret=None):
        link = ["--key-file", self.key_file, "-h", "127.0.0.1", "-p", self.plant.broker.port]
        return self._send(mote, word, link, wait, secret)

    def send_tcp(self, mote, word, port, *, wait=10, secret=None, wake=WAKE):
        link = ["--commander", "panel-1", "--tcp", f"127.0.0.1:{port}"] + (["--wake", wake] if wake else [])
        return self._send(mote, word, link, wait, secret)


DONE = {"code": 0, "sent": True, "response": "done"}
UNKNOWN = {"code": 1, "sent": True, "response": None}
NOT_SENT = {"code": 1, "sent": False, "response": None}


@pytest.fixture
def panel(plant):
    return Panel(plant)


@pytest.fixture
def mote(plant, panel, reader, new_mote):
    mote = new_mote(plant, interval=50, command=WORDS, commanders=panel.commanders).start()
    mote.wait_for("online")
    # the topics are subscribed to a little later
    plant.broker.wait_for_log(f"countersign/cmd/{mote.identity}/command (QoS 1)", 15)
    return mote


@pytest.fixture
def new_listening(plant, panel, reader, new_mote):
    """Makes boards that listen themselves: each with the port of this host that leads there."""
    def make(**settings):
        port = free_port()
        mote = new_mote(plant, interval=50, command=WORDS, commanders=panel.commanders, command_port=COMMAND_PORT,
                        forward={port: COMMAND_PORT}, **settings).start()
        mote.wait_for("online")
        return mote, port
    return make


@pytest.fixture
def listening(new_listening):
    return new_listening(wake=WAKE)


def test_a_command_runs_and_is_answered_through_the_broker(panel, mote):
    for _ in range(3):
        assert panel.send(mote, "ping") == DONE
    mote.assert_sound()


def test_a_report_is_one_reading_more(panel, plant, mote, reader):
    assert panel.send(mote, "pause") == DONE
    mote.wait_waiting(0)
    before = len(reader.wait_readings(1))
    assert panel.send(mote, "report") == DONE
    assert len(reader.wait_readings(before + 1)) == before + 1
    assert panel.send(mote, "resume") == DONE
    reader.wait_readings(before + 10)


def test_a_wrong_secret_and_a_wrong_word_are_not_answered(panel, mote):
    assert panel.send(mote, "ping", wait=2, secret=panel.file("other", "11" * 32)) == UNKNOWN
    assert panel.send(mote, "explode", wait=2) == UNKNOWN
    assert panel.send(mote, "ping") == DONE
    mote.assert_sound()


def test_nobody_else_wakes_it(plant, mote):
    stranger = plant.device("stranger", version=mqtt.V5)
    assert stranger.publish(f"countersign/cmd/{mote.identity}/wake", b"").code >= 0x80
    mote.assert_sound()


def test_a_new_key_takes_the_place_of_the_old(plant, panel, mote, reader):
    old = plant.keys[mote.identity]
    assert panel.send(mote, "rekey") == DONE
    mote.wait_for("rekeyed", 30)
    assert mote.wait_audit(event="rekeyed")
    reader.wait_readings(len(reader.readings()) + 20)
    mark = plant.mark()
    mote.restart()
    mote.wait_audit(event="handshake", verdict="accept", after=mark)
    reader.wait_readings(len(reader.readings()) + 20)
    mark = plant.mark()
    thief = plant.client_of(mote.identity, epoch=10_000)
    assert thief.key.k == old
    with pytest.raises(mqtt.MqttError):
        thief.login()
    plant.broker.wait_for_audit(event="handshake", verdict="refuse", why="bad_handshake", after=mark)
    mote.assert_sound()


# over TCP


def test_tcp_a_command_runs_and_is_answered(panel, listening):
    mote, port = listening
    for word in ("ping", "pause", "resume"):
        assert panel.send_tcp(mote, word, port) == DONE
    mote.assert_sound()


def test_tcp_other_wake_up_bytes_wake_nobody(panel, listening):
    mote, port = listening
    assert panel.send_tcp(mote, "ping", port, wake="77616b45", wait=3) == NOT_SENT
    assert panel.send_tcp(mote, "ping", port) == DONE


def test_tcp_without_wake_up_bytes_it_challenges_at_once(panel, new_listening):
    mote, port = new_listening()
    with connect(port) as connection:
        challenge = command_links.take(connection, 16)
    assert len(challenge) == 16
    assert panel.send_tcp(mote, "ping", port, wake=None) == DONE
    with connect(port) as connection:
        assert command_links.take(connection, 16) != challenge
    mote.assert_sound()


def test_tcp_a_wrong_secret_and_a_wrong_word_are_not_answered(panel, listening):
    mote, port = listening
    assert panel.send_tcp(mote, "ping", port, wait=3, secret=panel.file("other", "11" * 32)) == UNKNOWN
    assert panel.send_tcp(mote, "explode", port, wait=3) == UNKNOWN
    assert panel.send_tcp(mote, "ping", port) == DONE


def connect(port):
    connection = socket.create_connection(("127.0.0.1", port), 10)
    connection.settimeout(20)
    return connection


def received(connection, size=4096):
    """Up to so many bytes, until the board ends the connection, by a reset if it had not read all."""
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while len(data) < size and (more := connection.recv(size - len(data))):
            data += more
    return data


@pytest.mark.parametrize("sent", [b"\0", b"wakE", b"wak", bytes(3000), b"wake" + bytes(24), b"wake" + bytes(3000), b"wake" + bytes(23)],
                         ids=["one byte", "wrong wake", "half a wake", "many zeros", "wrong command", "long command", "half a command"])
def test_tcp_garbage_gets_a_challenge_at_most_and_the_end(panel, listening, sent):
    mote, port = listening
    with connect(port) as connection:
        connection.sendall(sent)
        answer = received(connection)
    assert len(answer) == (16 if sent.startswith(b"wake") else 0), answer
    assert panel.send_tcp(mote, "ping", port) == DONE
    mote.assert_sound()


@pytest.mark.host(1, emulated=False)  # a board turns the second away
def test_tcp_a_second_connection_that_waits_is_served_after_the_first(panel, listening):
    _, port = listening
    with connect(port) as first, connect(port) as second:
        first.sendall(b"none")
        assert received(first) == b""
        second.sendall(bytes.fromhex(WAKE))
        assert len(received(second, 16)) == 16


@pytest.mark.host()  # a host's listener keeps the second one waiting instead
def test_tcp_a_second_connection_is_turned_away_and_the_first_goes_on(panel, listening):
    mote, port = listening
    with connect(port) as first, connect(port) as second:
        first.sendall(bytes.fromhex(WAKE))
        assert len(command_links.take(first, 16)) == 16
        second.sendall(bytes.fromhex(WAKE))
        assert received(second) == b""
        first.sendall(bytes(24))
        assert received(first) == b""
    assert panel.send_tcp(mote, "ping", port) == DONE


def test_tcp_who_is_silent_is_sent_away_and_readings_go_on(panel, plant, listening, reader):
    mote, port = listening
    with connect(port) as silent:
        seen = len(reader.readings())
        assert received(silent) == b""
        assert_chain(reader.wait_readings(seen + 20))
    assert panel.send_tcp(mote, "ping", port) == DONE


def test_tcp_a_recorded_command_does_not_run_again(panel, plant, listening):
    mote, port = listening
    keys = c.Keys.of(bytes.fromhex(panel.commanders["panel-1"]), mote.identity, "panel-1")
    with connect(port) as connection:
        connection.sendall(bytes.fromhex(WAKE))
        challenge = command_links.take(connection, 16)
        nonce = bytes(8)
        message = c.command_message(keys, challenge, nonce, b"ping")
        connection.sendall(message)
        answer = received(connection)
    assert c.find_response(keys, challenge, nonce, b"ping", [b"done"], answer) == b"done"
    with connect(port) as connection:
        connection.sendall(bytes.fromhex(WAKE))
        assert command_links.take(connection, 16) != challenge
        connection.sendall(message)
        assert received(connection) == b""
