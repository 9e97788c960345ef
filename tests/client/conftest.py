"""A plant and clients of the library for it."""

import itertools
import pathlib
import time

import pytest
from countersign_tests import config, mqtt
from countersign_tests.plant import SERVER_ID, Plant
from probe import Probe

RULES = [
    config.rule("plant/%d/t", subscribe="anyone", wills=True),
    config.rule("plant/%d/range", subscribe="anyone", range={"min": -40, "max": 85}),
    config.rule("plant/%d/short", subscribe="anyone", short_tags=True),
]
_numbers = itertools.count(1)


def write_key_file(path, identity, key, epoch=0, kind="device"):
    """As the documentation says it, not as the library writes it."""
    path.touch(0o600)
    path.write_text(f"version = 1\nidentity = {identity}\nkind = {kind}\nkey = {key.hex()}\nepoch = {epoch}\n"
                    f"server_id = {SERVER_ID}\nsuite = 1\n")
    return path


def write_registration(path, registration, *, password=None, k_reg=None, suite=1):
    """A key file of method mfar, for values that need no escapes."""
    path.touch(0o600)
    data = "".join(f"data.{name} = {value.decode()}\n" for name, value in registration.fields)
    path.write_text(f"version = 1\nidentity = {registration.user}\nkind = device\nmethod = mfar\n"
                    f"key = {(k_reg or registration.k_reg).hex()}\n"
                    f"password = {password or registration.password}\n{data}suite = {suite}\n")
    return path


@pytest.fixture(scope="module")
def plant():
    with Plant(RULES) as plant:
        yield plant


@pytest.fixture(params=[4, 5], ids=["mqtt311", "mqtt5"])
def version(request):
    return request.param


@pytest.fixture
def reader(plant):
    with plant.subscriber("plant/#", version=mqtt.V5) as client:
        yield client


@pytest.fixture
def new_probe(plant, tmp_path):
    """`new_probe(version=5, **options)`: a registered device's client, logged in unless told."""
    probes = []

    def make(version=5, *, log_in=True, plant=plant, kind="device", roles=(), **options):
        identity = f"mote-{next(_numbers)}"
        plant.register(identity, kind=kind, roles=list(roles))
        path = write_key_file(tmp_path / f"{identity}.key", identity, plant.keys[identity], kind=kind)
        probe = Probe()
        probes.append(probe)
        probe.identity, probe.key_file = identity, path
        options = {"port": plant.broker.port} | options
        assert probe.open(key=str(path), mqtt=version, **options) == {"ok": True}
        if log_in:
            answer = probe.login()
            assert answer.get("ok"), (answer, probe.log, plant.refusals())
        return probe

    yield make
    for probe in probes:
        probe.__exit__()


@pytest.fixture
def new_registered(plant, tmp_path):
    """The same for a device of method mfar; `credentials` go into its key file instead of the right ones."""
    probes = []

    def make(version=5, *, log_in=True, plant=plant, credentials=None, **options):
        registration = plant.register_data()
        path = write_registration(tmp_path / f"{registration.user}.key", registration, **(credentials or {}))
        probe = Probe()
        probes.append(probe)
        probe.identity, probe.key_file, probe.registration = registration.user, path, registration
        options = {"port": plant.broker.port, "server_id": ""} | options
        assert probe.open(key=str(path), mqtt=version, **options) == {"ok": True}
        if log_in:
            answer = probe.login()
            assert answer.get("ok"), (answer, probe.log, plant.refusals())
        return probe

    yield make
    for probe in probes:
        probe.__exit__()


def topic(probe, last="t"):
    return f"plant/{probe.identity}/{last}"


def wait_online(probe, seconds=15):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        session = probe.session()
        if session.get("state") == "online":
            return session
        time.sleep(0.05)
    raise AssertionError("not online again\n" + "".join(probe.log))


def epoch_of(path):
    line = next(line for line in pathlib.Path(path).read_text().splitlines() if line.startswith("epoch"))
    return int(line.split("=")[1])
