"""MFA_R: one error for every failure, other methods, relays, what is unregistered, and what is kept (docs/protocol.md, 6)."""

import base64

import pytest
from countersign_tests import config, mfar, mqtt
from countersign_tests import mqtt_packets as packets
from countersign_tests import session as s
from countersign_tests.device import Device, auth0_client_id
from countersign_tests.plant import SERVER_ID, Plant


@pytest.fixture(scope="module")
def plant():
    settings = {"connections": {"handshakes_per_second": 1000, "bad_messages": 1000, "strangers_per_address": 1000}}
    relays = [{"identity": "gateway-1", "carries": ["d-*"]}]
    with Plant([config.rule("plant/%d/t", subscribe="anyone")], relays=relays, settings=settings) as plant:
        plant.register("gateway-1", kind="agent")
        yield plant


def works(device):
    return device.publish(f"plant/{device.identity}/t", "21").code < 0x80 and device.request_receipt().edge


# one error

@pytest.fixture
def failures(plant, new_registered, new_mote, version):
    """(user, password) of every way in which step 1 can fail."""
    device, disabled, gone = (new_registered(version) for _ in range(3))
    plant.admin.call("disable", identity=disabled.identity)
    plant.admin.call("remove", identity=gone.identity)
    mote, legacy = new_mote(version, log_in=False), plant.legacy(f"old-{device.identity[2:8]}")
    return {
        "wrong password": (device.identity, "wrong"),
        "no password": (device.identity, ""),
        "unknown user": ("d-" + "a" * 26, device.registration.password),
        "another's password": (device.identity, disabled.registration.password),
        "disabled": (disabled.identity, disabled.registration.password),
        "removed": (gone.identity, gone.registration.password),
        "another method": (mote.identity, "password"),
        "an administrator": ("admin", "password"),
        "no identity": ("a/b c", "password"),
        "legacy": (legacy.identity, legacy.password),
    }


def connect_raw(plant, version, source, user, password):
    """Every byte that comes back to a CONNECT until the broker closes."""
    client = mqtt.Client(plant.broker.port, version=version, source=source)
    client.send(packets.connect(auth0_client_id(), version=version, username=user, password=password, will=None, clean=True,
                                keepalive=0, properties=None))
    got = b""
    while chunk := client.socket.recv(4096):
        got += chunk
    return got


def test_every_failure_by_connect_is_the_refusal_of_any_connect(plant, failures, version, new_address):
    found = {name: connect_raw(plant, version, new_address(), *pair) for name, pair in failures.items() if name != "legacy"}
    stranger = connect_raw(plant, version, new_address(), "~", "a password that AUTH0 does not have")
    assert set(found.values()) == {stranger} and stranger[:1] == b"\x20", found


def test_every_failure_by_topic_is_silence(plant, failures, raw, version):
    for name, (user, password) in failures.items():
        client = raw(version)
        client.connect(auth0_client_id())
        mark = plant.mark()
        client.publish(s.AUTH_TOPIC, mfar.step1(user, password), qos=1)
        assert client.pending() == [] and client.is_open(), name
        line = plant.broker.wait_for_audit(after=mark, verdict="refuse")
        assert line["address"] == client.socket.getsockname()[0]


def test_every_failure_counts_alike(plant, failures, raw, new_address):
    """Else the eighth would tell which users there are."""
    plant.reload(settings=plant.settings | {"connections": {"handshakes_per_second": 1000}})
    counts = {}
    for name, (user, password) in failures.items():
        client = raw(mqtt.V5)
        client.connect(auth0_client_id())
        for counts[name] in range(1, 30):
            client.publish(s.AUTH_TOPIC, mfar.step1(user, password))
            if not client.is_open():
                break
    plant.reload(settings=plant.settings | {"connections": {"handshakes_per_second": 1000, "bad_messages": 1000,
                                                            "strangers_per_address": 1000}})
    assert len({count for name, count in counts.items() if name not in ("no password", "no identity")}) == 1, counts


# methods and relays

def test_another_methods_handshake_is_not_answered(plant, registered, new_mote, version):
    aplus = Device(registered.identity, registered.registration.k_reg, SERVER_ID, port=plant.broker.port, version=version)
    aplus.connect_auth0()
    mote = new_mote(version, log_in=False)
    mote.connect_auth0()
    for device, wire in ((aplus, aplus.begin()), (mote, mfar.step1(mote.identity, "password"))):
        mark = plant.mark()
        device.send_auth(wire, qos=1)
        assert device.connection.pending() == []
        plant.broker.wait_for_audit(after=mark, verdict="refuse")
    registered.login()
    mote.login()


def test_a_relay_carries_both_steps(plant, registered, version, reader, new_address):
    gateway = plant.client_of("gateway-1", version=version)
    gateway.source = new_address()
    gateway.login()
    registered.use_relay(gateway.connection)
    registered.handshake()
    assert registered.publish(f"plant/{registered.identity}/t", "21").code < 0x80
    assert reader.receive().user("cs-id") == [registered.identity]
    other, mark = plant.registered(version=version), plant.mark()
    gateway.connection.publish(s.AUTH_TOPIC, s.relayed(registered.identity, other.step1()), qos=1)
    plant.broker.wait_for_audit(after=mark, verdict="refuse")
    assert gateway.connection.pending() == [], "what it brings for one identity is not a login of another"


def test_a_connection_that_has_an_identity_takes_step_1_for_it_only(plant, new_registered, registered, version):
    registered.login()
    other, mark = new_registered(version), plant.mark()
    registered.send_auth(other.step1(), qos=1)
    assert registered.connection.pending() == []
    plant.broker.wait_for_audit(after=mark, verdict="refuse")
    assert registered.handshake() and works(registered)


@pytest.mark.parametrize("how", [{"client_id": "plain-name"}, {"clean": False}, {"client_id": "~short"}], ids=str)
def test_step_1_by_connect_is_an_auth0_connection(registered, how):
    with pytest.raises(mqtt.ConnectRefused):
        registered.connect_step1(**how)


# the registry

def test_unregistering_ends_sessions_connections_and_logins(plant, registered, new_address):
    registered.login()
    pending = plant.registered(registered.registration, source=new_address())
    q = pending.ask_step1()
    plant.admin.call("remove", identity=registered.identity)
    assert registered.connection.wait_closed()
    pending.send_auth(pending.answer(q), qos=1)
    assert pending.connection.pending() == []
    with pytest.raises(mqtt.ConnectRefused):
        registered.connect_step1()


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
def test_everything_survives_a_restart(plant, registered, kill):
    before = plant.show(registered.identity)
    plant.restart(kill=kill)
    assert plant.show(registered.identity) == before
    assert registered.login() and works(registered)


def test_no_secret_is_written_in_clear(plant, registered):
    registered.login()
    with pytest.raises(mqtt.ConnectRefused):
        plant.registered(registered.registration).connect_step1(password="guessed-password")
    legacy = plant.legacy("old-secret", password="legacy-password")
    plant.restart()
    registration = registered.registration
    secrets = [registration.password.encode(), registration.k_reg, registered.session.sk, b"guessed-password",
               legacy.password.encode()]
    secrets += [value for _, value in registration.fields if len(value) >= 8]
    spellings = [one for secret in secrets for one in (secret, secret.hex().encode(), base64.b64encode(secret).rstrip(b"="),
                                                       base64.urlsafe_b64encode(secret).rstrip(b"="))]
    files = [path for path in plant.directory.iterdir() if path.is_file() and not path.name.endswith(".key")]
    assert {"audit.jsonl", "countersign.db", "mosquitto.log"} <= {path.name for path in files}
    for path in files:
        content = path.read_bytes()
        assert not [one for one in spellings if one in content], path
