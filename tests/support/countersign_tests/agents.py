"""A host of the fleet: pcscd with virtual cards, and a real `countersign agent` that serves its readers.

    with Plant([agents.RULE]) as plant, Host(plant, "desk-1", cards=2) as host:
        card = host.issue(0, "alice", issuer)      personalised and registered
        host.cards.eject(0)

COUNTERSIGN_CLI   the `countersign` command
"""

import itertools
import json
import os
import secrets
import signal
import socket
import subprocess
from dataclasses import dataclass

from . import card_messages, config
from .broker import wait_until
from .cards import CardHost
from .plant import SERVER_ID
from .smart_card import Holder, SmartCard

RULE = config.rule("countersign/fleet/%d/event", publish=["kind:agent"], subscribe=["anyone"], wills=True)
PIN, PUK = "1234", "12345678"
_numbers = itertools.count(1)


@dataclass
class Issued:
    """A card as it left the issuer's desk."""

    uid: str
    identity: str
    key: bytes
    index: int


def write_key_file(path, identity, key, kind="agent", epoch=0):
    path.touch(0o600)
    path.write_text(f"version = 1\nidentity = {identity}\nkind = {kind}\nkey = {key.hex()}\nepoch = {epoch}\n"
                    f"server_id = {SERVER_ID}\nsuite = 1\n")
    return path


class Notices:
    """What a service tells systemd: a real socket for $NOTIFY_SOCKET."""

    def __init__(self, path):
        self.path, self.lines = str(path), []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.setblocking(False)

    def read(self):
        try:
            while True:
                self.lines += self.socket.recv(4096).decode().splitlines()
        except BlockingIOError:
            return self.lines

    def wait(self, wanted, timeout=10.0):
        """The first line that begins with `wanted`."""
        return wait_until(lambda: next((line for line in self.read() if line.startswith(wanted)), None), timeout,
                          lambda: f"not told: {wanted}\n{self.lines}")


class Host:
    """`cards` readers with a fresh card in each, and an agent named after the host."""

    def __init__(self, plant, name, cards=1, *, register=True, options=(), environment=None):
        self.plant, self.name, self.options = plant, name, list(options)
        self.identity = f"agent-{name}"
        self.cards = CardHost(cards=cards)
        self.key_file = plant.directory / f"{self.identity}.key"
        self.environment = environment or {}
        self.process, self.log_path = None, plant.directory / f"{self.identity}.log"
        if register:
            plant.register(self.identity, kind="agent")
            write_key_file(self.key_file, self.identity, plant.keys[self.identity])

    def __enter__(self):
        self.cards.start()
        try:
            self.start()
        except BaseException:
            self.cards.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()
        self.cards.stop()
        assert "Sanitizer" not in self.log() and "runtime error" not in self.log(), self.log()

    # the agent's life

    def start(self):
        command = [os.environ["COUNTERSIGN_CLI"], "agent", "--key-file", str(self.key_file), "--host-name", self.name,
                   "-h", "127.0.0.1", "-p", str(self.plant.broker.port), *self.options]
        with open(self.log_path, "a") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=os.environ | self.cards.env | self.environment)
        return self

    def stop(self, number=signal.SIGTERM):
        """Its exit code."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            code = self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        self.process = None
        return code

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    # its cards

    def personalise(self, index, identity, issuer, key=None):
        """An `Issued` card that T does not know yet."""
        uid = self.cards.uids[index]
        key = key or secrets.token_bytes(32)
        holder = Holder(identity, key, PIN, PUK, card_messages.issuer_key_of(issuer, bytes.fromhex(uid)))
        with self.cards.link(index) as link:
            SmartCard(link).personalise(bytes.fromhex(self.cards.transport_keys[index]), bytes.fromhex(uid), holder)
        return Issued(uid, identity, key, index)

    def issue(self, index, identity, issuer, kind="user"):
        """Personalised, and registered with T."""
        card = self.personalise(index, identity, issuer)
        self.plant.keys[identity] = card.key
        self.plant.admin.register(identity, card.key, kind=kind, card=card.uid)
        return card

    def take(self, card, index=None):
        """Puts a card that is not there back, so that the agent sees it come."""
        self.cards.insert(card.index if index is None else index)

    def life_cycle(self, card):
        with self.cards.link(card.index) as link:
            return SmartCard(link).select().life_cycle


class Events:
    """What an agent tells the fleet, heard by a plain subscriber."""

    def __init__(self, plant, agent="+"):
        self.client = plant.subscriber(f"countersign/fleet/{agent}/event", version=5, qos=1)
        self.heard = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.abandon()

    def next(self, timeout=10.0, **fields):
        """The next one that has these fields; those before it are passed over, and kept in `heard`."""
        while True:
            message = self.client.receive(timeout)
            event = json.loads(message.payload) | {"agent": message.topic.split("/")[2]}
            self.heard.append(event)
            if all(event.get(name) == value for name, value in fields.items()):
                return event
