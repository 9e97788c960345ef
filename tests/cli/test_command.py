"""`command send` against a device in Python, over a broker that enforces the topics and over TCP, and attacks on both."""

import json
import os
import pathlib
import re
import secrets
import socket
import subprocess
import threading
import time
import tomllib

import pytest
from countersign_tests import command as c
from countersign_tests import command_links as links
from countersign_tests import mqtt, plant

CLI = os.environ["COUNTERSIGN_CLI"]
COMMANDS = {"open": "done", "close": "", "jam": "jammed"}
PAGE = (pathlib.Path(__file__).resolve().parents[2] / "docs/configuration.md").read_text()
RULES = tomllib.loads(re.search(r"### The rules of commands\n.*?```toml\n(.*?)```", PAGE, re.S)[1])["rule"]
RULES[0]["retained"] = True  # so that there can be one that must be passed over


def secret_file(directory, name, k):
    path = directory / f"{name}.secret"
    path.write_text(k.hex() + "\n")
    path.chmod(0o600)
    return path


def wait_until(holds, seconds=10):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


class Panel:
    """A commander: its secret with each device, and where the command line finds its key."""

    def __init__(self, running, name, *, role="commander"):
        self.running, self.name = running, name
        self.key_file = running.directory / f"{name}.key"
        made = running.cli("key", "new", name, "--server-id", plant.SERVER_ID, "-o", self.key_file)
        assert made.returncode == 0, made.stderr
        running.admin.register(name, plant.read_key_file(self.key_file)["key"], roles=[role])
        self.k = secrets.token_bytes(32)
        self.secret = secret_file(running.directory, name, self.k)

    def words(self, device, command, *more, wait=5):
        return ["command", "send", device, command, "--secret", self.secret, "--key-file", self.key_file, "-h", "127.0.0.1",
                "-p", self.running.broker.port, "-W", wait, *more]

    def send(self, *words, **options):
        return self.running.cli(*self.words(*words, **options))


@pytest.fixture(scope="module")
def running():
    with plant.Plant(rules=RULES) as one:
        yield one


@pytest.fixture(scope="module")
def panels(running):
    return [Panel(running, "panel-1"), Panel(running, "panel-2")]


@pytest.fixture
def valve(running, panels):
    """A new valve each time, logged in, and its responder without a transport."""
    device = running.device(f"valve-{secrets.token_hex(4)}")
    keys = {panel.name: c.Keys.of(panel.k, device.identity, panel.name) for panel in panels}
    return device, c.Responder(keys, COMMANDS)


def test_a_command_runs_and_its_response_is_told(panels, valve):
    device, responder = valve
    with links.OverMqtt(device, responder):
        done = panels[0].send(device.identity, "open", "-r", "no", "-r", "done")
        assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")
        done = panels[1].send(device.identity, "close")
        assert (done.returncode, done.stdout) == (0, "it ran\n")
        done = panels[1].send(device.identity, "jam", "--response", "jammed", "--json")
        assert (done.returncode, json.loads(done.stdout)) == (0, {"sent": True, "response": "jammed"})
    assert responder.ran == [("panel-1", "open"), ("panel-2", "close"), ("panel-2", "jam")]


def test_3_1_1_will_do(panels, valve):
    device, responder = valve
    with links.OverMqtt(device, responder):
        done = panels[0].send(device.identity, "open", "-r", "done", "-V", "311")
    assert (done.returncode, done.stdout) == (0, "done\n")


def test_a_response_that_is_not_known_leaves_the_outcome_unknown(panels, valve):
    device, responder = valve
    with links.OverMqtt(device, responder):
        done = panels[0].send(device.identity, "jam", "-r", "done", "--json", wait=1)
    assert (done.returncode, json.loads(done.stdout)) == (1, {"sent": True, "response": None})
    assert "nobody knows whether the command ran" in done.stderr
    assert responder.ran == [("panel-1", "jam")], "it did, once"


def test_a_device_that_is_away_gets_no_command(panels, valve):
    device, _ = valve
    done = panels[0].send(device.identity, "open", "--json", wait=1)
    assert (done.returncode, json.loads(done.stdout)) == (1, {"sent": False, "response": None})
    assert "the command did not leave" in done.stderr


def test_a_device_that_never_answers_is_given_up_in_time(panels, valve):
    device, responder = valve

    class Mute(links.OverMqtt):
        def on_command(self, message):
            self.responder.take(message)

    with Mute(device, responder) as mute:
        begin = time.monotonic()
        done = panels[0].send(device.identity, "open", wait=1)
        assert done.returncode == 1 and "nobody knows" in done.stderr
        assert time.monotonic() - begin < 10
        assert len(mute.seen) == 1, "sent once"


@pytest.mark.parametrize("what", ["commander", "secret", "command"])
def test_what_the_device_does_not_know_does_not_run(running, panels, valve, what):
    device, responder = valve
    words = panels[0].words(device.identity, "explode" if what == "command" else "open", "-r", "done", wait=1)
    if what == "commander":
        words += ["--commander", "panel-9"]
    if what == "secret":
        words[words.index(panels[0].secret)] = secret_file(running.directory, "other", b"x" * 32)
    with links.OverMqtt(device, responder) as link:
        done = running.cli(*words)
    assert done.returncode == 1 and "nobody knows" in done.stderr
    assert (responder.ran, link.refused) == ([], ["bad_tag"])


def test_two_commanders_who_hear_the_same_challenge_are_both_served(running, panels, valve):
    device, responder = valve

    class Both(links.OverMqtt):
        woken = 0

        def on_wake(self):
            self.woken += 1
            if self.woken == 2:
                self.say("challenge", self.responder.challenge())
                self.say("challenge", self.responder.challenge())

    with Both(device, responder) as both:
        sending = [
            subprocess.Popen([CLI, *map(str, panel.words(device.identity, what, "-r", "done"))],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for panel, what in zip(panels, ("open", "close"))
        ]
        ended = [one.communicate(timeout=20) for one in sending]
        assert [one.returncode for one in sending] == [0, 0], ended
        assert both.refused == []
    assert [out for out, _ in ended] == ["done\n", "it ran\n"]
    assert sorted(responder.ran) == [("panel-1", "open"), ("panel-2", "close")]


def test_many_commands_at_once_each_run_once(panels, valve):
    device, responder = valve
    results = {}

    def work(panel):
        results[panel.name] = [panel.send(device.identity, "open", "-r", "done").returncode for _ in range(4)]

    with links.OverMqtt(device, responder):
        threads = [threading.Thread(target=work, args=(panel,)) for panel in panels]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert results == {"panel-1": [0] * 4, "panel-2": [0] * 4}
    assert sorted(responder.ran) == [("panel-1", "open")] * 4 + [("panel-2", "open")] * 4


# attacks


def spy(running, device):
    """A commander's own view of the topics, which may publish too."""
    attacker = running.device("attacker", roles=["commander"])
    attacker.connection.subscribe(links.topic(device.identity, "challenge"), links.topic(device.identity, "response"), qos=1)
    return attacker


def test_a_recorded_command_does_not_run_again(running, panels, valve):
    device, responder = valve
    with links.OverMqtt(device, responder) as link:
        assert panels[0].send(device.identity, "open", "-r", "done").returncode == 0
        attacker = spy(running, device)
        for wakes in (0, 1, 4):  # the challenge open still, others beside it, and pushed out
            for _ in range(wakes):
                attacker.publish(links.topic(device.identity, "wake"), b"")
                attacker.connection.receive()
            attacker.publish(links.topic(device.identity, "command"), link.seen[0])
        wait_until(lambda: len(link.refused) == 3)
        assert link.refused == ["replayed", "replayed", "bad_tag"]
    assert responder.ran == [("panel-1", "open")]


def test_a_recorded_response_is_not_taken(panels, valve):
    device, responder = valve

    class Forgetful(links.OverMqtt):
        """Says what it said the first time."""
        first = None

        def on_command(self, message):
            right = self.responder.respond(self.responder.take(message))
            self.first = self.first or right
            self.say("response", self.first)

    with Forgetful(device, responder):
        assert panels[0].send(device.identity, "open", "-r", "done").returncode == 0
        done = panels[0].send(device.identity, "open", "-r", "done", wait=1)
    assert done.returncode == 1 and "nobody knows" in done.stderr


def test_a_command_for_one_device_does_not_run_on_another_with_the_same_secret(panels, valve):
    device, responder = valve
    other = c.Responder({panel.name: c.Keys.of(panel.k, "valve-4", panel.name) for panel in panels}, COMMANDS)

    class Relay(links.OverMqtt):
        """Hands out the other device's challenge, and the message on to it."""

        def on_wake(self):
            self.say("challenge", other.challenge())

        def on_command(self, message):
            other.take(message)

    with Relay(device, responder) as relay:
        assert panels[0].send(device.identity, "open", "-r", "done", wait=1).returncode == 1
        assert relay.refused == ["bad_tag"]
    assert other.ran == []


def test_garbage_on_the_topics_disturbs_nobody(panels, valve):
    device, responder = valve

    class Noisy(links.OverMqtt):
        def on_wake(self):
            for size in (0, 1, 15, 17, 300):
                self.say("challenge", secrets.token_bytes(size))
            super().on_wake()

        def on_command(self, message):
            for size in (0, 15, 16, 16, 17, 300):
                self.say("response", secrets.token_bytes(size))
            self.say("response", message[8:])  # the commander's own tag, reflected
            super().on_command(message)

    with Noisy(device, responder):
        done = panels[0].send(device.identity, "open", "-r", "done")
    assert (done.returncode, done.stdout) == (0, "done\n")


def test_a_retained_challenge_is_no_challenge(panels, valve):
    device, _ = valve
    sent = device.publish(links.topic(device.identity, "challenge"), secrets.token_bytes(16), retain=True)
    assert sent.code < 0x80
    done = panels[0].send(device.identity, "open", wait=1)
    assert done.returncode == 1 and "did not leave" in done.stderr


def test_nobody_else_wakes_a_device(running, panels, valve):
    device, responder = valve
    stranger = Panel(running, "stranger", role="visitor")
    with links.OverMqtt(device, responder) as link:
        done = stranger.send(device.identity, "open")
        assert done.returncode == 1, done.stderr
        unsigned = running.broker.client("nobody", version=mqtt.V5)
        unsigned.publish(links.topic(device.identity, "wake"), b"", qos=1)
        assert panels[0].send(device.identity, "open", "-r", "done").returncode == 0
        assert responder.ran == [("panel-1", "open")]
        assert len(responder.open) == 1 and len(link.seen) == 1


# over TCP

K = bytes(range(32))
KEYS = {"panel-1": c.Keys.of(K, "valve-3", "panel-1")}


@pytest.fixture
def secret(tmp_path):
    return secret_file(tmp_path, "valve-3", K)


def over_tcp(secret, port, command, *more, wait=5, commander="panel-1"):
    words = [CLI, "command", "send", "valve-3", command, "--secret", secret, "--commander", commander,
             "--tcp", f"127.0.0.1:{port}", "-W", wait, *more]
    return subprocess.run([*map(str, words)], capture_output=True, text=True, timeout=30)


@pytest.mark.parametrize("wake", [b"", b"\x00", b"GET / HTTP/1.0\r\n\r\n", bytes(64)])
def test_tcp_a_command_runs_and_its_response_is_told(secret, wake):
    with links.OverTcp(c.Responder(KEYS, COMMANDS), wake) as device:
        more = ("--wake", wake.hex()) if wake else ()
        done = over_tcp(secret, device.port, "open", "-r", "done", *more)
        assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")
        done = over_tcp(secret, device.port, "close", "--json", *more)
        assert (done.returncode, json.loads(done.stdout)) == (0, {"sent": True, "response": ""})
    assert device.responder.ran == [("panel-1", "open"), ("panel-1", "close")]


def test_tcp_other_wake_up_bytes_wake_nobody(secret):
    with links.OverTcp(c.Responder(KEYS, COMMANDS), b"wake") as device:
        done = over_tcp(secret, device.port, "open", "--wake", b"wakE".hex())
    assert done.returncode == 1 and "did not leave" in done.stderr
    assert device.responder.ran == []


def test_tcp_a_command_that_is_not_right_is_not_answered(secret):
    with links.OverTcp(c.Responder(KEYS, COMMANDS)) as device:
        for command, commander in (("explode", "panel-1"), ("open", "panel-2")):
            done = over_tcp(secret, device.port, command, "-r", "done", commander=commander)
            assert done.returncode == 1 and "nobody knows" in done.stderr
        assert device.refused == ["bad_tag", "bad_tag"]
    assert device.responder.ran == []


def misbehaving(answer):
    class Device(links.OverTcp):
        def answer(self, connection, message):
            answer(self, connection, message, self.responder.respond(self.responder.take(message)))
    return Device(c.Responder(KEYS, COMMANDS))


@pytest.mark.parametrize("answer", [
    lambda device, connection, message, right: connection.sendall(right + b"\0"),
    lambda device, connection, message, right: connection.sendall(right + bytes(100_000)),
    lambda device, connection, message, right: connection.sendall(right[:15]),
    lambda device, connection, message, right: connection.sendall(bytes(16)),
    lambda device, connection, message, right: connection.sendall(message[8:]),
    lambda device, connection, message, right: None,
    lambda device, connection, message, right: time.sleep(1.5),
], ids=["one byte long", "much longer", "cut", "zeroes", "reflected", "nothing", "silence"])
def test_tcp_what_is_no_response_leaves_the_outcome_unknown(secret, answer):
    with misbehaving(answer) as device:
        done = over_tcp(secret, device.port, "open", "-r", "done", "--json", wait=1)
        assert (done.returncode, json.loads(done.stdout)) == (1, {"sent": True, "response": None}), done.stderr
        assert "nobody knows" in done.stderr
    assert device.responder.ran == [("panel-1", "open")]


def test_tcp_a_response_in_pieces_is_whole(secret):
    def answer(device, connection, message, right):
        for byte in right:
            connection.sendall(bytes([byte]))
            time.sleep(0.01)

    with misbehaving(answer) as device:
        assert over_tcp(secret, device.port, "open", "-r", "done").returncode == 0


def test_tcp_a_device_that_does_not_hang_up_is_understood_when_the_time_is_up(secret):
    def answer(device, connection, message, right):
        connection.sendall(right)
        time.sleep(1.5)

    with misbehaving(answer) as device:
        begin = time.monotonic()
        assert over_tcp(secret, device.port, "open", "-r", "done", wait=1).returncode == 0
        assert time.monotonic() - begin >= 1


def test_tcp_recorded_bytes_are_worth_nothing(secret):
    said = []

    def answer(device, connection, message, right):
        said.append((message, right))
        connection.sendall(right)

    with misbehaving(answer) as device:
        assert over_tcp(secret, device.port, "open", "-r", "done").returncode == 0
        with socket.create_connection(("127.0.0.1", device.port)) as attacker:
            links.take(attacker, 16)
            attacker.sendall(said[0][0])
            assert links.take(attacker, 1) == b""
        wait_until(lambda: device.refused)
        # the first connection's challenge is open still in this device, but spent
        assert device.refused == ["replayed"]
    with misbehaving(lambda device, connection, message, right: connection.sendall(said[0][1])) as impostor:
        assert over_tcp(secret, impostor.port, "open", "-r", "done").returncode == 1


@pytest.mark.parametrize("hello", [b"", bytes(15)], ids=["nothing", "half a challenge"])
def test_tcp_without_a_challenge_nothing_leaves(secret, hello):
    class Device(links.OverTcp):
        def converse(self, connection):
            connection.sendall(hello)
            connection.shutdown(socket.SHUT_WR)
            self.heard = links.take(connection, 24)

    with Device(c.Responder(KEYS, COMMANDS)) as device:
        done = over_tcp(secret, device.port, "open", "--json")
        assert (done.returncode, json.loads(done.stdout)) == (1, {"sent": False, "response": None})
        wait_until(lambda: hasattr(device, "heard"))
        assert device.heard == b""


def test_tcp_nobody_there_is_a_matter_of_the_network(secret):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    done = over_tcp(secret, port, "open")
    assert done.returncode == 4 and "cannot connect" in done.stderr


@pytest.mark.parametrize(("words", "text"), [
    (["valve-3", "open", "--tcp", "127.0.0.1"], "is no HOST:PORT"),
    (["valve-3", "open", "--tcp", "127.0.0.1:0"], "is no HOST:PORT"),
    (["valve-3", "open", "--tcp", "127.0.0.1:70000"], "is no HOST:PORT"),
    (["valve-3", "open", "--tcp", ":80"], "is no HOST:PORT"),
    (["valve-3", "open", "--tcp", "127.0.0.1:1", "--wake", "abc"], "--wake takes"),
    (["valve-3", "open", "--tcp", "127.0.0.1:1", "--wake", "00" * 65], "--wake takes"),
    (["valve-3", "open", "--tcp", "127.0.0.1:1", "--wake", "zz"], "--wake takes"),
    (["valve-3", "open", "--wake", "00"], "--tcp"),
    (["valve/3", "open", "--tcp", "127.0.0.1:1"], "no identity"),
    (["valve-3", "", "--tcp", "127.0.0.1:1"], "1 to 255 bytes"),
    (["valve-3", "o" * 256, "--tcp", "127.0.0.1:1"], "1 to 255 bytes"),
    (["valve-3", "open", "-r", "r" * 256, "--tcp", "127.0.0.1:1"], "at most 255 bytes"),
])
def test_usage_is_checked_before_anything_is_sent(secret, words, text):
    done = subprocess.run([CLI, "command", "send", *words, "--secret", str(secret),
                           *(["--commander", "panel-1"] if "--tcp" in words else [])],
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 2 and text in done.stderr, done.stderr


def test_usage_is_checked_before_the_login_too(panels):
    for device, command in (("valve/3", "open"), ("#", "open"), ("valve-3", ""), ("valve-3", "o" * 256)):
        words = panels[0].words(device, command)
        words[words.index("-p") + 1] = 1  # nobody is there: who connects is told 4
        assert panels[0].running.cli(*words).returncode == 2


def test_whose_secret_it_is_must_be_said_without_a_login(secret):
    done = subprocess.run([CLI, "command", "send", "valve-3", "open", "--secret", str(secret),
                           "--tcp", "127.0.0.1:1"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 2 and "--commander" in done.stderr


@pytest.mark.parametrize("spoil", [
    lambda path: path.unlink(), lambda path: path.chmod(0o644), lambda path: path.write_text("00\n"),
], ids=["missing", "for everybody to read", "short"])
def test_a_secret_that_cannot_be_used_is_told(secret, spoil):
    spoil(secret)
    assert over_tcp(secret, 1, "open").returncode == 5
