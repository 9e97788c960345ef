"""docs/smartcard.md as its reader types it: every session at a terminal, in order, with a card, a broker and an agent."""

import configparser
import json
import os
import pathlib
import re
import select
import shlex
import subprocess
import tomllib

import pytest
from countersign_tests import agents, cards, config, plant, smart_card
from countersign_tests.broker import wait_until

from pseudo_terminal import SECONDS, Terminal

ROOT = cards.REPOSITORY
PAGE = (ROOT / "docs/smartcard.md").read_text()
UNIT = ROOT / "config/systemd/countersign-agent.service"
PIN, PUK = "1357", "24681357"
ANSWERS = {"PIN": PIN, "PUK": PUK, "[y/N]": "y"}
PROMPT = re.compile(r"(?:(PIN|PUK)[^\n]*:|(\[y/N\])) \Z")
UIDS = ("0123456789abcdef", "fedcba9876543210")


def blocks(kind):
    """{name: text} of the fenced blocks behind `<!-- kind: name -->`, in the page's order."""
    return dict(re.findall(rf"^<!-- {kind}: (\w+) -->\n```\w*\n(.*?)^```", PAGE, re.M | re.S))


def steps(session):
    """(command, what it shows) of a session."""
    return [tuple((part + "\n").split("\n", 1)) for part in re.split(r"^\$ ", session, flags=re.M)[1:]]


class Person(Terminal):
    """Answers what is asked, and reads until the command ends; its exit code."""

    def converse(self):
        answered = 0
        while select.select([self.fd], [], [], SECONDS)[0] and (came := self.read()):
            self.text += came
            asked = PROMPT.search(self.text, answered)
            if asked:
                self.type(ANSWERS[asked[1] or asked[2]] + "\n")
                answered = len(self.text)
        return self.end()


class Desk:
    """A host with two readers, a card in the first; issuer, holder and administrator sit here in turn."""

    def __init__(self, running):
        self.plant = running
        self.host = agents.Host(running, "desk-7", cards=2, register=False)
        self.host.cards.start()
        self.host.cards.eject(1)
        self.give_transport_key(0)
        running.register("clerk", kind="admin")
        agents.write_key_file(running.directory / "admin.key", "clerk", running.keys["clerk"], kind="admin")
        self.environment = self.host.cards.env | {
            "COUNTERSIGN_HOST": "127.0.0.1", "COUNTERSIGN_PORT": str(running.broker.port),
            "COUNTERSIGN_SERVER_ID": plant.SERVER_ID,
        }

    def stop(self):
        self.host.stop()
        self.host.cards.stop()
        assert "Sanitizer" not in self.host.log() and "runtime error" not in self.host.log(), self.host.log()

    def give_transport_key(self, index):
        path = self.plant.directory / "transport.hex"
        path.touch(0o600)
        path.write_text(self.host.cards.transport_keys[index] + "\n")

    def type(self, command):
        """What a terminal shows."""
        for shown, real in zip(UIDS, self.host.cards.uids):
            command = command.replace(shown, real)
        program, *arguments = shlex.split(command)
        assert program == "countersign"
        person = Person(arguments, self.environment)
        person.converse()
        return person.text

    def json(self, command):
        return json.loads(self.type(command + " --json"))

    def plain(self, text):
        """With the page's names for what is different each time."""
        for shown, real in zip(UIDS, self.host.cards.uids):
            text = text.replace(real, shown)
        text = text.replace("Countersign Test 0", "ACME Reader")
        text = re.sub(r"20\d\d-\d\d-\d\dT[\d:]{8}Z", "2026-03-01T12:00:00Z", text)
        text = re.sub(r"\d+\.\d+ ms", "1.4 ms", text)
        text = re.sub(r"session \d+", "session 1", text)
        return [re.sub(r" {2,}", "  ", line.rstrip()) for line in text.splitlines() if line.strip()]


def spend_tries(desk):
    with desk.host.cards.link(0) as link:
        card = smart_card.SmartCard(link)
        card.select()
        for _ in range(3):
            with pytest.raises(smart_card.CardRefused):
                card.verify("0000")


def start_agent(desk):
    for line in blocks("commands")["agent"].splitlines():
        done = subprocess.run(shlex.split(line.replace("countersign", os.environ["COUNTERSIGN_CLI"], 1)),
                              cwd=desk.plant.directory, env=os.environ | desk.environment, capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
    desk.host.key_file = desk.plant.directory / "agent.key"
    desk.host.start()
    wait_until(lambda: present(desk), 20, desk.host.log)


def present(desk, **fields):
    card = desk.json("countersign card watch --once --key-file admin.key")["cards"][0]
    return card.get("present") and all(card.get(name) == value for name, value in fields.items())


def lose(desk):
    desk.host.cards.eject(0)


def show_up(desk):
    desk.host.cards.insert(0)
    wait_until(lambda: present(desk, lifeCycle="deactivated"), 20, desk.host.log)


def bring_another(desk):
    desk.type(f"countersign card block {UIDS[0]} --key-file admin.key")
    desk.host.cards.insert(1)
    desk.give_transport_key(1)


BEFORE = {"blocked": spend_tries, "watch": start_agent, "lost": lose, "appears": show_up, "replaced": bring_another}


@pytest.fixture(scope="module")
def desk():
    rules = [agents.RULE, config.rule("plant/%d/+", publish=["%d"], subscribe=["anyone"])]
    rules += [config.rule(**rule) for rule in tomllib.loads(blocks("rule")["require"])["rule"]]
    with plant.Plant(rules=rules) as running:
        desk = Desk(running)
        yield desk
        desk.stop()


@pytest.mark.parametrize("name", blocks("session"))
def test_the_page_shows_what_a_terminal_shows(desk, monkeypatch, name):
    monkeypatch.chdir(desk.plant.directory)
    BEFORE.get(name, lambda _: None)(desk)
    for command, shown in steps(blocks("session")[name]):
        assert desk.plain(desk.type(command)) == desk.plain(shown), command


def test_every_session_of_the_page_is_typed():
    typed = sum(len(steps(text)) for text in blocks("session").values())
    assert typed == len(re.findall(r"^\$ countersign", PAGE, re.M)) > 15
    assert set(BEFORE) < set(blocks("session"))


def unit():
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str
    parser.read_string(UNIT.read_text())
    return parser["Service"]


def test_what_is_installed_for_an_agent_is_what_its_unit_wants():
    commands = blocks("commands")["host"]
    service = unit()
    program, verb, option, key = service["ExecStart"].split()
    assert (program, verb, option) == ("/usr/local/bin/countersign", "agent", "--key-file")
    assert f"agent.key {key} " in commands and pathlib.PurePath(key).parent.name == service["StateDirectory"]
    assert f"adduser --system --group --no-create-home {service['User']}\n" in commands
    assert f">{service['EnvironmentFile'].lstrip('-')}\n" in commands
    installed = re.search(r"/usr/local/share/doc/countersign/(\S+) /etc/systemd/system/(\S+)", commands)
    assert ROOT / installed[1] == UNIT and installed[2] == UNIT.name


def test_every_message_of_the_page_is_one_that_the_programs_have():
    table = PAGE.split("## When something does not work")[1].split("\n## ")[0]
    messages = [message for row in re.findall(r"^\| ([^|]*`[^|]*) \|", table, re.M) for message in re.findall(r"`([^`]+)`", row)]
    assert len(messages) > 20
    folders = ("client", "protocol", "broker-plugin")
    said = "".join(path.read_text() for folder in folders for path in (ROOT / folder).rglob("*.[ch]pp"))
    said = re.sub(r'"\s*\n\s*"', "", said)
    composed = {"refused (6982)", "refused (6a80)"}  # state and status word of an order
    assert [message for message in messages if message not in said and message not in composed] == []
