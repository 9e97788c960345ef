"""Relays: a connection that brings other identities' handshakes and messages (docs/protocol.md, section 3)."""

import pytest
from countersign_tests import config
from countersign_tests import envelope as e
from countersign_tests import session as s
from countersign_tests.plant import Plant


@pytest.fixture(scope="module")
def plant():
    relays = [{"identity": "gateway-1", "carries": ["far-*", "special"]}]
    with Plant([config.rule("plant/%d/t", subscribe=["anyone"])], relays=relays) as plant:
        plant.register("gateway-1", kind="agent")
        yield plant


@pytest.fixture
def gateway(plant, version, new_address):
    relay = plant.client_of("gateway-1", version=version)
    relay.source = new_address()
    relay.login()
    return relay


@pytest.fixture
def far(plant, gateway, version):
    """Makes devices behind the gateway."""
    def make(identity):
        if identity not in plant.keys:
            plant.register(identity)
        device = plant.client_of(identity, version=version)
        device.use_relay(gateway.connection)
        return device
    return make


def test_a_device_shakes_hands_and_publishes_through_its_relay(plant, far, reader):
    device = far("far-1")
    device.handshake()
    assert device.publish("plant/far-1/t", "21").code < 0x80
    assert reader.receive().user("cs-id") == ["far-1"]


def test_many_devices_share_one_relay(far, reader):
    devices = [far(f"far-{number}") for number in range(10, 16)]
    thirds = [device.ask(device.begin(), lambda wire, d=device: d.pending.answer(wire)) for device in devices]
    for device, m3 in zip(devices, thirds):
        device.ask(m3, device.finish)
    for device in devices:
        device.publish(f"plant/{device.identity}/t", device.identity)
    assert [(m.user("cs-id"), m.payload) for m in reader.pending()] == [
        ([device.identity], device.identity.encode()) for device in devices]


def test_the_relay_publishes_for_itself_too(gateway, reader):
    assert gateway.publish("plant/gateway-1/t", "21").code < 0x80
    assert reader.receive().user("cs-id") == ["gateway-1"]


def test_a_relay_cannot_forge_what_it_carries(plant, gateway, far, reader):
    device = far("far-1")
    device.handshake()
    mark = plant.mark()
    gateway.publish("plant/far-1/t", "21")
    plant.broker.wait_for_audit(lambda line: line.get("why") in ("unknown_kid", "bad_tag"), after=mark, verdict="refuse")
    assert reader.pending() == []


def test_what_a_relay_brings_is_not_held_against_it(gateway, far, reader):
    device = far("far-1")
    device.handshake()
    wire = device.publish("plant/far-1/t", "21").payload
    reader.receive()
    for _ in range(30):
        gateway.connection.publish("plant/far-1/t", wire[:-1] + bytes([wire[-1] ^ 1]), qos=1)
    assert gateway.connection.is_open()
    assert device.publish("plant/far-1/t", "22").code < 0x80


def test_nor_is_what_a_device_signs_that_nobody_understands(gateway, far):
    device = far("far-1")
    device.handshake()
    for _ in range(30):
        device.publish_auth(b"\x7f")
    assert gateway.connection.is_open()
    assert device.publish("plant/far-1/t", "22").code < 0x80


def test_the_audit_says_that_a_relay_brought_it(plant, gateway, far):
    device = far("far-1")
    device.handshake()
    mark = plant.mark()
    gateway.connection.publish("plant/far-1/t", "unsigned", qos=1)
    line = plant.broker.wait_for_audit(after=mark, why="unsigned")
    assert (line["identity"], line["relay"], line["client"]) == ("far-1", "gateway-1", gateway.client_id)
    device.send_auth(b"\x13\x01" + bytes(48), qos=1)
    assert plant.broker.wait_for_audit(after=mark, event="handshake", why="bad_handshake")["relay"] == "gateway-1"


def test_a_relay_carries_only_what_it_may(plant, gateway, far, new_mote, reader):
    mote = new_mote()
    mark = plant.mark()
    gateway.connection.publish(s.AUTH_TOPIC, s.relayed(mote.identity, mote.begin()), qos=1)
    assert plant.broker.wait_for_audit(after=mark, event="handshake", verdict="refuse")["why"] == "denied"
    mark = plant.mark()
    wire = e.as_payload(mote.seal(f"plant/{mote.identity}/t", "21"))
    gateway.connection.publish(f"plant/{mote.identity}/t", wire, qos=1)
    assert plant.broker.wait_for_audit(after=mark, event="publish", verdict="refuse")["why"] == "unknown_sender"
    assert reader.pending() == [] and gateway.connection.pending() == []


def test_a_relay_cannot_pass_one_identity_off_as_another(plant, gateway, far):
    device = far("far-2")
    mark = plant.mark()
    gateway.connection.publish(s.AUTH_TOPIC, s.relayed("far-3", device.begin()), qos=1)
    plant.broker.wait_for_audit(after=mark, event="handshake", verdict="refuse", why="bad_handshake")
    assert gateway.connection.pending() == []


@pytest.mark.parametrize("who", ["device", "stranger"])
def test_nobody_else_is_a_relay(plant, new_mote, far, version, who):
    mote = new_mote(version, log_in=who == "device")
    if who == "stranger":
        mote.connect_auth0()
    mark = plant.mark()
    mote.connection.publish(s.AUTH_TOPIC, s.relayed("far-1", far("far-1").begin()), qos=1)
    plant.broker.wait_for_audit(after=mark, event="handshake", verdict="refuse", why="denied")
    assert mote.connection.pending() == []


@pytest.mark.parametrize("wire", [b"\x60", b"\x60\x00", b"\x60\x05far", b"\x60\x05far/1" + b"x", b"\x60\xff" + b"a" * 255,
                                  b"\x60\x05far-1", b"\x60\x05far-1" + b"\x60\x05far-1x", b"\x60\x05far-1" + bytes(40)], ids=bytes.hex)
def test_a_malformed_wrapping_is_not_answered(plant, gateway, far, wire):
    far("far-1")
    mark = plant.mark()
    gateway.connection.publish(s.AUTH_TOPIC, wire, qos=1)
    plant.broker.wait_for_audit(after=mark, event="handshake", verdict="refuse")
    assert gateway.connection.pending() == [] and gateway.connection.is_open()


def test_a_device_asks_for_receipts_through_its_relay(far):
    device = far("special")
    device.handshake()
    sent = device.publish("plant/special/t", "21")
    assert device.request_receipt().accepted(sent.seq)


def test_a_device_may_leave_its_relay_and_speak_for_itself(plant, far, reader, version, new_address):
    device = far("far-7")
    device.handshake()
    device.publish("plant/far-7/t", "far")
    device.source = new_address()
    assert device.resume().code == 0
    device.publish("plant/far-7/t", "near")
    assert [m.payload for m in reader.pending()] == [b"far", b"near"]


def test_the_relay_is_not_raised_by_what_it_carries(gateway, far):
    device = far("far-8")
    device.handshake()
    assert gateway.publish("plant/far-8/t", "21", session=device.session).code < 0x80
    assert gateway.publish("plant/gateway-1/t", "21").code < 0x80


def test_the_end_of_a_relay_ends_no_session(plant, gateway, far):
    device = far("far-9")
    session, _ = device.handshake()
    gateway.close()
    assert session.kid in [one["kid"] for one in plant.show("far-9")["sessions"]]
