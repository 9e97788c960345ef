"""A broker with the plugin, set up as an operator would, with its administrator and its devices.

    with Plant(rules=[config.rule("plant/%d/t", subscribe="anyone")]) as plant:
        mote = plant.device("mote-1")
        mote.publish("plant/mote-1/t", b"21.5")

COUNTERSIGN_CLI   the `countersign` command, which makes key file, database and administrator
"""

import getpass
import os
import pathlib
import secrets
import subprocess

from . import config, mqtt
from . import handshake as h
from .admin import Admin
from .broker import Broker
from .device import Device
from .fleet import Agent, Card
from .registered import LegacyDevice, RegisteredDevice, Registration

SERVER_ID = "plant-broker"
FILES = {"key": "wrap.key", "database": "countersign.db", "state": ".", "audit": "audit.jsonl"}
DEFAULT = {"mode": "off"}


def read_key_file(path):
    """The entries of a client's key file; `key` as bytes."""
    lines = (line.split("#")[0].strip() for line in pathlib.Path(path).read_text().splitlines())
    entries = dict(map(str.strip, line.split("=", 1)) for line in lines if line)
    return entries | {"key": bytes.fromhex(entries["key"])}


def device_data(**fields):
    """What a device says of itself: the four required fields, unlike any other's unless given."""
    made_up = {"uuid": secrets.token_hex(16), "model": "TelosB", "vendor": "Crossbow", "serial": secrets.token_hex(6)}
    return made_up | fields


class Plant:
    def __init__(self, rules=(), *, default=None, relays=(), settings=None, version=mqtt.V311, **broker):
        """`settings`: more tables of countersign.toml; `broker`: options of `Broker`. `start` runs it."""
        self.rules, self.default, self.relays = list(rules), default or DEFAULT, list(relays)
        self.settings = {"files": FILES} | (settings or {})
        self.version = version
        self.broker = Broker(self.toml(), **broker)
        self.directory = self.broker.directory
        self.user = broker.get("user", "root") if os.geteuid() == 0 else getpass.getuser()
        self.keys = {}
        self.registrations = {}
        self.passwords = {}
        self._clients, self._keyless = [], []
        self._admin = None

    def toml(self):
        return config.toml(rules=self.rules, relays=self.relays, server_id=SERVER_ID, default=self.default,
                           **self.settings)

    def __enter__(self):
        try:
            self.set_up()
            self.start()
        except BaseException:
            self.broker.remove()
            raise
        return self

    def __exit__(self, *_):
        for client in self._clients + self._keyless:
            if client.connection:
                client.connection.abandon()
        self.broker.remove()

    def cli(self, *arguments, **options):
        """Runs the command line; the completed process."""
        command = [os.environ["COUNTERSIGN_CLI"], *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=30, **options)

    def set_up(self, admin="admin", *more):
        """Makes key file, database and administrator, or with --recover gives one back."""
        key_file = self.directory / f"{admin}-{secrets.token_hex(4)}.key"
        done = self.cli("setup", "--config", self.broker.toml_path, "--owner", self.user or "mosquitto",
                        "--admin", admin, "--admin-key", key_file, *more)
        assert done.returncode == 0, done.stderr
        self.keys[admin] = read_key_file(key_file)["key"]

    def start(self, **options):
        self._admin = None
        return self.broker.start(**options)

    def restart(self, kill=False):
        self.kill() if kill else self.stop()
        return self.start()

    def stop(self):
        return self.broker.stop()

    def kill(self):
        return self.broker.kill()

    def reload(self, **changes):
        """Changes rules, default, relays or settings, and has the broker take them (SIGHUP)."""
        for name, value in changes.items():
            setattr(self, name, value)
        mark = self.mark()
        self.broker.write_toml(self.toml())
        self.broker.reload()
        return self.broker.wait_for_audit(event="reload", after=mark)

    # identities

    @property
    def admin(self):
        """The administrator, logged in."""
        if self._admin is None or self._admin.connection.closed or self._nearly_due(self._admin):
            self._admin = self.log_in("admin", admin=True)
        return self._admin

    def _nearly_due(self, client):
        """True if its next message would be its last before enforcement: where a test makes that soon."""
        return client.session.seq + 1 >= self.settings.get("limits", {}).get("enforce_after_messages", 10_000)

    def client_of(self, identity, *, admin=False, agent=False, suite=h.SUITE_DH, version=None, epoch=None):
        """A `Device`, `Admin` or `Agent` of a registered identity, not connected; its epoch goes on."""
        make = Admin if admin else Agent if agent else Device
        key = self.keys[identity]
        client = make(identity, key, SERVER_ID, suite, port=self.broker.port, version=version or self.version)
        client.key.epoch = self._epochs().get(identity, 0) if epoch is None else epoch
        self._clients.append(client)
        return client

    def _epochs(self):
        epochs = {}
        for client in self._clients:
            epochs[client.identity] = max(epochs.get(client.identity, 0), client.key.epoch)
        return epochs

    def log_in(self, identity, **options):
        client = self.client_of(identity, **options)
        client.login()
        return client

    def register(self, identity, **fields):
        """Registers an identity with a fresh k, which is kept in `keys`."""
        self.keys[identity] = secrets.token_bytes(32)
        self.admin.register(identity, self.keys[identity], **fields)

    def device(self, identity, *, suite=h.SUITE_DH, version=None, **fields):
        """Registered (with `fields`) if it is not yet, and logged in."""
        if identity not in self.keys:
            self.register(identity, **fields)
        return self.log_in(identity, suite=suite, version=version)

    def agent(self, identity, *, host="desk-7", online=True, **fields):
        """An `Agent` on that host, registered (with `fields`) if it is not yet, logged in, and online."""
        if identity not in self.keys:
            self.register(identity, kind="agent", **fields)
        agent = self.log_in(identity, agent=True)
        agent.host = host
        if online:
            agent.come_online()
        return agent

    def card(self, identity, **fields):
        """A `Card` that is registered as `identity`."""
        card = Card(secrets.token_bytes(32))
        self.keys[identity] = card.k
        self.admin.register(identity, card.k, card=card.name, **fields)
        return card

    # identities by registration and by password

    def register_data(self, data=None, **fields):
        """Registers a device by its data (MFA_R), made up unless given. Its `Registration`, kept in `registrations`."""
        data = data or device_data()
        registration = Registration.of(self.admin.call("register", deviceData=data, **fields), data)
        self.registrations[registration.user] = registration
        return registration

    def registered(self, registration=None, *, suites=(h.SUITE_DH, h.SUITE_RANDOM), version=None, source=None, **fields):
        """A `RegisteredDevice`, not connected; registered (with `fields`) unless its `Registration` is given."""
        registration = registration or self.register_data(**fields)
        device = RegisteredDevice(registration, suites=suites, port=self.broker.port, version=version or self.version,
                                  source=source)
        self._keyless.append(device)
        return device

    def register_legacy(self, identity, password=None, **fields):
        """Registers a compatibility device with a password, made up unless it or `passwordHash` is given."""
        if "passwordHash" not in fields:
            fields["password"] = password or secrets.token_urlsafe(12)
        self.passwords[identity] = fields.get("password", password)
        self.admin.call("register", identity=identity, kind="legacy", **fields)

    def legacy(self, identity, *, version=None, source=None, **fields):
        """A `LegacyDevice`, not connected; registered (with `fields`) if it is not yet."""
        if identity not in self.passwords:
            self.register_legacy(identity, **fields)
        device = LegacyDevice(identity, self.passwords[identity], port=self.broker.port, version=version or self.version,
                              source=source)
        self._keyless.append(device)
        return device

    # what the plugin says

    def show(self, identity):
        """What administration tells of an identity."""
        return self.admin.call("show", identity=identity)

    def score(self, identity):
        """(level, score)"""
        shown = self.show(identity)
        return shown["level"], shown["score"]

    def mark(self):
        """How many lines the audit has: `after=` for what comes next."""
        return len(self.broker.audit())

    def refusals(self, after=0):
        """Names of refusals in the audit, in order."""
        return [line["why"] for line in self.broker.audit()[after:] if line.get("verdict") == "refuse"]

    def subscriber(self, *filters, version=None, client_id=None, **options):
        """A plain client that Countersign does not know, subscribed."""
        client = self.broker.client(client_id or f"reader-{secrets.token_hex(4)}", version=version or self.version)
        codes = client.subscribe(*filters, **options)
        assert all(code < 0x80 for code in codes), codes
        return client
