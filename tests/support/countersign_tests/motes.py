"""Boards that run the reference firmware as identities of a `Plant`, the same as a program of this host, and what their
readings must be like.

Each reading is JSON with its number `n` and `prev`, the number of the reading before it: whoever follows the chain sees
that none is missing and none came twice.
"""

import json
import os
import pathlib
import re
import secrets
import signal
import subprocess

from .broker import wait_until
from .firmware import PAGE_BYTES, Firmware, Program, image_path
from .flash_image import provision
from .plant import SERVER_ID

DONE_SECONDS = 90.0
RING_AT, RING_BYTES = 16 * PAGE_BYTES, 64 * PAGE_BYTES  # flash/layout.hpp
WAITING = re.compile(rb'\xff\{"n":(\d+),"prev":')
CONTROL_EVERY = 8  # numbers that are multiples of it are no reading's

EMULATED = ("an386", "an505")
HOST = "host"
DEFAULT_SUITE = 2
# a program of this host is judged for its leaks as well
SANITIZERS = {"ASAN_OPTIONS": "detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1",
              "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"}

TRUSTZONE = "firmware-an505-trustzone"
NON_SECURE = "0x10200000"  # where the secure world sees what the other one runs


def programs(board):
    """The ELF files that a board runs: one, or with TrustZone that of the secure world and that of the other."""
    if board == "an505":
        return [image_path("secure", TRUSTZONE), image_path("firmware", TRUSTZONE)]
    return [image_path("firmware", f"firmware-{board}")]


def images(board):
    """QEMU's arguments that load them."""
    first, *others = programs(board)
    return ["-kernel", str(first)] + [
        word for one in others
        for word in ("-device", f"loader,file={one.with_suffix('.bin')},addr={NON_SECURE},force-raw=on")]


def write_registration(path, registration, suite=DEFAULT_SUITE):
    """The key file of a device that logs in with MFA_R."""
    path.touch(0o600)
    data = "".join(f"data.{name} = {value.decode()}\n" for name, value in registration.fields)
    path.write_text(f"version = 1\nidentity = {registration.user}\nkind = device\nmethod = mfar\nkey = {registration.k_reg.hex()}\n"
                    f"password = {registration.password}\n{data}server_id = {SERVER_ID}\nsuite = {suite}\n")
    return path


def key_text(key):
    return key.hex() if isinstance(key, bytes) else key


class OfPlant:
    """What a device has to do with its plant: who it is there, and what is seen of it."""

    def enlist(self, plant, identity, *, key=None, registration=None, provisioned=False, **settings):
        """Registers it unless `key` or `registration` says how it is, and makes its flash unless it has one."""
        self.plant = plant
        if registration:
            suite = settings.get("suite", DEFAULT_SUITE)
            identity, key = registration.user, write_registration(self.directory / "device.key", registration, suite)
        self.identity = identity or f"mote-{secrets.token_hex(4)}"
        if not provisioned:
            if key is None:
                plant.register(self.identity)
            provision(self.flash, identity=self.identity, key=key_text(key or plant.keys[self.identity]), **settings)

    @property
    def topic(self):
        return f"plant/{self.identity}/t"

    def wait_done(self, boots=1):
        """The line that says that T has the last reading of those to take since the last of `boots` starts."""
        return self.wait_for("done", DONE_SECONDS, after=boots - 1)

    def waiting(self):
        """Numbers of the readings in its ring that T has not confirmed: a mark of 0xFF stands before each (core/ring.cpp)."""
        with open(self.flash, "rb") as flash:
            flash.seek(RING_AT)
            return sorted(int(one) for one in WAITING.findall(flash.read(RING_BYTES)))

    def wait_waiting(self, count):
        return wait_until(lambda: len(self.waiting()) >= count, DONE_SECONDS, lambda: f"ring: {self.waiting()}\n{self.log()}")

    def wait_audit(self, timeout=DONE_SECONDS, after=0, **fields):
        return self.plant.broker.wait_for_audit(timeout=timeout, after=after, identity=self.identity, **fields)

    def audited(self, **fields):
        return [line for line in self.plant.broker.audit() if fields.items() <= line.items() and
                line.get("identity") == self.identity]

    def assert_sound(self):
        """It runs, and never had to start anew by itself."""
        assert self.running(), self.output()
        assert not self.lines("fault") and not self.lines("watchdog"), self.output()


class Mote(OfPlant, Firmware):
    """An emulated board. `settings` are those of `provision`. It goes to the plant's broker, or to `port`."""

    def __init__(self, plant, board, identity=None, *, port=None, forward=None, mac=None, flash=None, **settings):
        super().__init__(images(board), board, forward=forward, mac=mac, flash=flash)
        self.enlist(plant, identity, provisioned=flash is not None, broker_port=port or plant.broker.port, **settings)


def host_program():
    """The reference firmware as a program of this host, or None where it is not built."""
    path = pathlib.Path(os.environ.get("COUNTERSIGN_BUILD_DIR", "build/dev")).resolve() / "mcu-client/countersign-node"
    return path if path.exists() else None


class HostMote(OfPlant, Program):
    """As `Mote`, with the host's port of the same code. Where that is built with sanitizers, what they say fails the test.

    It listens on this host itself: `forward` says where what is listening on its `command_port` is reached."""

    def __init__(self, plant, identity=None, *, port=None, forward=None, flash=None, **settings):
        super().__init__(flash=flash)
        listens = {inside: outside for outside, inside in (forward or {}).items()}
        if "command_port" in settings:
            settings["command_port"] = listens[settings["command_port"]]
        self.enlist(plant, identity, provisioned=flash is not None, broker_port=port or plant.broker.port, **settings)

    def start(self):
        with open(self.log_path, "ab") as log, open(self.printed_path, "ab") as printed:
            self.process = subprocess.Popen([host_program(), self.flash], stdin=subprocess.DEVNULL, stdout=log, stderr=printed,
                                            env=os.environ | SANITIZERS, cwd=self.directory)
        return self

    def stop(self):
        code = super().stop()
        assert code == 0, f"{code}\n{self.output()}"
        self.assert_silent()
        return code

    def remove(self):
        try:
            if self.running():
                self.stop()
            assert self.process is None or self.process.returncode in (0, -signal.SIGKILL), self.output()
            self.assert_silent()
        finally:
            super().remove()

    def assert_sound(self):
        super().assert_sound()
        self.assert_silent()

    def assert_silent(self):
        """A sanitizer writes to stderr, and so does a device that gives up."""
        assert self.printed() == ""


def make_mote(plant, board, *arguments, **settings):
    """A device of its own, powered off: an emulated board, or the program of this host."""
    if board == HOST:
        return HostMote(plant, *arguments, **settings)
    return Mote(plant, board, *arguments, **settings)


class Reader:
    """A subscriber that Countersign does not know, and what it was delivered, also over several connections."""

    def __init__(self, plant, topic_filter="plant/#"):
        self.plant, self.filter = plant, topic_filter
        self.client, self.messages = None, []
        self.connect()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.abandon()

    def connect(self):
        self.client = self.plant.subscriber(self.filter)
        return self

    def collect(self):
        """Everything delivered up to now."""
        self.messages += self.client.pending()
        return self.messages

    def drain(self):
        """What came before the connection ended."""
        while not self.client.closed:
            self.client._pump(1.0)
        self.messages += self.client.messages
        self.client.messages.clear()
        return self.messages

    def readings(self, topic=None):
        self.collect()
        return [json.loads(one.payload) for one in self.messages if topic in (None, one.topic)]

    def wait_readings(self, count, topic=None, timeout=DONE_SECONDS):
        """At least so many; all there are."""
        def enough():
            found = self.readings(topic)
            return found if len(found) >= count else None
        return wait_until(enough, timeout, lambda: f"{len(self.readings(topic))} of {count} readings")


def assert_chain(readings, count=None):
    """Each reading names the one before it, from the first on: all came, in order, once."""
    numbers = [one["n"] for one in readings]
    assert [one["prev"] for one in readings] == [0] + numbers[:-1], numbers
    assert all(number % CONTROL_EVERY for number in numbers), numbers
    if count is not None:
        assert len(numbers) == count, numbers
