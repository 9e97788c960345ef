"""`device watch` at a real terminal: drawn in place, and the terminal is as it was whatever ends it. And the password of a compatibility device."""

import os
import re
import signal
import termios

import pytest
from countersign_tests import config, plant

from pseudo_terminal import Terminal

RULES = [config.rule("plant/%d/+", publish=["%d"], subscribe=["anyone"], range={"pointer": "/c", "min": 0, "max": 9})]
ENTER, LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
TOPIC = "plant/mote-1/t"


@pytest.fixture
def running():
    """A broker with a second administrator, whose key file the command line has for itself."""
    with plant.Plant(rules=RULES) as one:
        path = one.directory / "clerk.key"
        made = one.cli("key", "new", "clerk", "--kind", "admin", "--server-id", plant.SERVER_ID, "-o", path)
        assert made.returncode == 0, made.stderr
        one.admin.register("clerk", plant.read_key_file(path)["key"], kind="admin")
        yield one


@pytest.fixture
def mote(running):
    device = running.device("mote-1")
    device.publish(TOPIC, b'{"c": 1}')
    return device


def command(running, *words):
    return [*words, "--key-file", str(running.directory / "clerk.key"), "-h", "127.0.0.1", "-p", str(running.broker.port)]


def watch(running, *words, **environment):
    environment = {"TERM": "xterm", "NO_COLOR": ""} | environment
    every = () if "--every" in words else ("--every", "0.2")
    terminal = Terminal(command(running, "device", "watch", *every, *words), environment)
    terminal.resize(100, 20)
    terminal.read_until("mote-1")
    return terminal


def row(text):
    """The latest line of mote-1, without colours."""
    return re.findall(r"\n(?:\x1b\[\d*m)*([ *+!-] mote-1 [^\x1b\r]*)", text)[-1]


def test_levels_are_drawn_in_place_and_follow_what_happens(running, mote):
    terminal = watch(running)
    assert re.match(r"  mote-1 +device AUTH2 11 +\[#{11}\.{10}\] active ", row(terminal.text)), terminal.text
    mote.publish(TOPIC, b'{"c": 2}')
    seen = terminal.read_until("AUTH2 12 ")
    assert row(terminal.text).startswith("+ ")
    mote.publish(TOPIC, b'{"c": 99}')
    terminal.read_until("AUTH2 11 ", seen)
    assert row(terminal.text).startswith("- ")
    terminal.type("\x03")
    assert terminal.end() == 0
    assert terminal.text.startswith(ENTER) and terminal.text.rstrip("\r\n").endswith(LEAVE)
    assert terminal.text.count(ENTER) == 1, "one screen, drawn over and over"


def test_a_new_size_is_followed_at_once(running, mote):
    terminal = watch(running, "--every", "60")
    terminal.resize(40, 20)
    seen = 0
    for _ in range(3):  # the first drawing, and one for the size it began with, may come before
        terminal.read_until("\x1b[J", seen)
        last = re.findall(r"\x1b\[H(.*?)\x1b\[J", terminal.text, re.S)[-1]
        if "MESSAGES" not in last:
            break
        seen = len(terminal.text)
    drawn = re.sub(r"\x1b\[[?\d]*[A-Za-z]", "", last)
    assert "mote-1" in drawn and "MESSAGES" not in drawn
    assert max(len(line.strip("\r")) for line in drawn.split("\n")) < 40
    terminal.type("\x03")
    assert terminal.end() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_leaves_the_terminal_as_it_was(running, mote, number):
    terminal = watch(running)
    fd = terminal.fd
    assert not termios.tcgetattr(fd)[3] & termios.ECHO
    os.kill(terminal.pid, number)
    terminal.read_until(LEAVE)
    assert os.waitstatus_to_exitcode(os.waitpid(terminal.pid, 0)[1]) == 0
    assert termios.tcgetattr(fd)[3] & termios.ECHO and termios.tcgetattr(fd)[3] & termios.ICANON
    os.close(fd)


def test_it_pauses_and_goes_on(running, mote):
    terminal = watch(running)
    terminal.type("\x1a")
    terminal.read_until(LEAVE)
    assert os.WIFSTOPPED(os.waitpid(terminal.pid, os.WUNTRACED)[1])
    assert termios.tcgetattr(terminal.fd)[3] & termios.ECHO
    seen = len(terminal.text)
    os.kill(terminal.pid, signal.SIGCONT)
    terminal.read_until(ENTER, seen)
    terminal.read_until("mote-1", seen)
    terminal.type("\x03")
    assert terminal.end() == 0


def test_a_lost_connection_is_told_and_comes_back(running, mote):
    terminal = watch(running)
    running.stop()
    seen = terminal.read_until("trying again")
    running.start()
    seen = terminal.read_until("mote-1", seen)
    terminal.read_until("\x1b[H", seen)
    drawn = terminal.text[terminal.text.rindex("\x1b[H", 0, terminal.text.rindex("\x1b[J")):]
    terminal.type("\x03")
    assert terminal.end() == 0
    assert terminal.text.count(ENTER) == 1
    assert "mote-1" in drawn


def test_colours_are_left_out_where_nobody_wants_them(running, mote):
    sgr = re.compile(r"\x1b\[[\d;]*m")
    plain = watch(running, NO_COLOR="1")
    plain.type("\x03")
    assert plain.end() == 0 and not sgr.search(plain.text)
    coloured = watch(running)
    coloured.type("\x03")
    assert coloured.end() == 0 and sgr.search(coloured.text)


def test_a_terminal_that_cannot_be_drawn_on_gets_lines(running, mote):
    terminal = watch(running, TERM="dumb")
    terminal.type("\x03")
    assert terminal.end() == 0
    assert re.match(r"20\S+Z \S+ AUTH\d \d+ active \d+\r\n", terminal.text) and "\x1b" not in terminal.text


def register(running, *lines):
    terminal = Terminal(command(running, "device", "register-legacy", "pump-1"), {})
    for prompt, line in zip(("password of pump-1: ", "password of pump-1, once more: "), lines):
        terminal.read_until(prompt)
        terminal.type(line)
    return terminal


def test_a_password_is_typed_twice_and_never_shown(running):
    terminal = register(running, "opé\x7fen sesame\n", "open sesame\n")
    assert terminal.end() == 0
    assert "sesame" not in terminal.text and "pump-1 is registered" in terminal.text
    assert running.show("pump-1")["method"] == "password"


@pytest.mark.parametrize("lines", [("one\n", "two\n"), ("\x03",), ("\n",)])
def test_two_different_passwords_and_none_register_nothing(running, lines):
    assert register(running, *lines).end() == 2
    assert "pump-1" not in str(running.admin.call("list"))
